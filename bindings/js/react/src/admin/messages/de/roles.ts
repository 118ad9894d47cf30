import type { roles as English } from "../en/roles.js";

export const roles: Record<keyof typeof English, string> = {};
