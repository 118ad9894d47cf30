"use client";
/** Roles: the list with its editor, the matrix and the inheritance. */

export * as roleLogic from "./logic.js";
export { RolesCsv } from "./download.js";
export { RoleGraph, type RoleGraphProps } from "./role-graph.js";
export { RoleMatrix, type MatrixView, type RoleMatrixProps } from "./role-matrix.js";
export type { MakeWorker } from "./use-impact.js";
export { type RoleViewName, useViews } from "./views.js";
export { RoleEditor, type RoleEditorProps } from "./roles.js";
