import type { users as English } from "../en/users.js";

export const users: Record<keyof typeof English, string> = {};
