import type { audit as English } from "../en/audit.js";

export const audit: Record<keyof typeof English, string> = {};
