/** The texts of the parts, and how components get them. */

import { createContext, createElement, Fragment, type ReactNode, useContext, useMemo } from "react";
import { en } from "./en/index.js";
import { format, numbers, parse, type Values } from "./format.js";

/** The name of a text. */
export type MessageKey = keyof typeof en;

/** The texts of a language. */
export type Catalogue = Readonly<Record<MessageKey, string>>;

/** The language of the parts. */
export interface Language {
  locale: string;
  messages: Catalogue;
}

export const English: Language = { locale: "en", messages: en };

const Context = createContext<Language>(English);

export const LanguageProvider = Context.Provider;

/** Returns the language. */
export function useLanguage(): Language {
  return useContext(Context);
}

const parsed = new Map<string, ReturnType<typeof parse>>();

/** Returns the parts of a text. */
function partsOf({ locale, messages }: Language, key: MessageKey, values: Values): unknown[] {
  const text = messages[key] ?? en[key];
  let message = parsed.get(text);
  if (message === undefined) parsed.set(text, (message = parse(text)));
  return format(locale, message, values);
}

/** Writes a text with its values. */
export type Writer = (key: MessageKey, values?: Values) => string;

const NONE: Values = {};

/** Returns the function that writes texts. */
export function useText(): Writer {
  const language = useLanguage();
  return useMemo(() => (key, values) => partsOf(language, key, values ?? NONE).join(""), [language]);
}

/** Returns the function that writes numbers. */
export function useNumber(): (value: number) => string {
  const { locale } = useLanguage();
  return useMemo(() => (value) => numbers(locale).format(value), [locale]);
}

/** A text whose values are elements. */
export function Text({ id, values = {} }: { id: MessageKey; values?: Readonly<Record<string, ReactNode>> }): ReactNode {
  return createElement(Fragment, null, ...(partsOf(useLanguage(), id, values) as ReactNode[]));
}
