"use client";
/** The audit log as a part of a page. */

export type { AuditFilter } from "./filter.js";
export { AuditLog, type AuditLogProps } from "./log.js";
export { compared, type Line } from "./lines.js";
