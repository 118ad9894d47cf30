"use client";
/** Parts of a page of administration in React: the provider, its hooks, and the widgets. */

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
export { type Navigation, NavigationProvider, type Place, useNavigation } from "./navigation.js";
export * from "./provider.js";
export * from "./ui/index.js";
