"use client";
/**
 * Parts of a page of administration in React: the provider, its hooks, the widgets, and the four parts
 * that a product's own page shows most. Bundlers leave out the parts that a page does not import.
 */

export { useFlag, useParam, useTyped } from "./address.js";
export { AuditLog, type AuditLogProps } from "./audit/index.js";
export { useAway } from "./away.js";
export * from "./data.js";
export { type Failure, failureOf } from "./failure.js";
export { queryText } from "./hash.js";
export {
  type Catalogue,
  English,
  type Language,
  LanguageProvider,
  type MessageKey,
  Text,
  useLanguage,
  useText,
  type Writer,
} from "./messages/index.js";
export {
  type Address,
  type Navigation,
  NavigationProvider,
  type Place,
  type Query,
  useNavigation,
} from "./navigation.js";
export * from "./provider.js";
export { RoleEditor, type RoleEditorProps } from "./roles/index.js";
export * from "./ui/index.js";
export { dropUnsaved, type FormPlace, unsavedChanges, useUnsaved } from "./unsaved.js";
export { AccessRequest, type AccessRequestProps, UserTable, type UserTableProps } from "./users/index.js";
