"use client";
/** Parts about people: the list of users, a person, requests for access, reports, and roles over time. */

export { AddRole, type AddRoleProps, type Receiver, type Suggested } from "./add-role.js";
export type { UserFilters } from "./filters.js";
export { Person, type PersonProps, type PersonView } from "./person.js";
export { type ReportName, Reports, type ReportsProps, type ReportView } from "./reports.js";
export { AccessRequest, type AccessRequestProps, type RequestFilters, type RequestState } from "./requests.js";
export { RolesTimeline } from "./roles-timeline.js";
export type { NewWorker } from "./use-answers.js";
export { UserTable, type UserTableProps } from "./user-table.js";
