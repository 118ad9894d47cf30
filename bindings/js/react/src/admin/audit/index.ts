"use client";
/** The audit log as a part of a page. */

export { AuditLog, type AuditFilter, type AuditLogProps } from "./log.js";
export { compared, type Line } from "./lines.js";
