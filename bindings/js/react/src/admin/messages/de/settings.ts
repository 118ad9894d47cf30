import type { settings as English } from "../en/settings.js";

export const settings: Record<keyof typeof English, string> = {};
