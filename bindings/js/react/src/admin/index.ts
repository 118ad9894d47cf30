"use client";
/** Parts of a page of administration in React: the provider, its hooks, and the widgets. */

export { useFlag, useParam, useTyped } from "./address.js";
export * from "./data.js";
export { type Failure, failureOf } from "./failure.js";
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
export * from "./ui/index.js";
