/** The preferences of the user of this browser: language and theme. */

import { English, type Language } from "@rolecall/react/admin";
import { useCallback, useEffect, useState } from "react";

/** The languages. Another one is a catalogue and a line here. */
export const LANGUAGES = [
  { id: "en", name: "English", load: (): Promise<Language> => Promise.resolve(English) },
  {
    id: "de",
    name: "Deutsch",
    load: async (): Promise<Language> => (await import("@rolecall/react/admin/german")).German,
  },
] as const;

function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function store(key: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // The choice holds for this page.
  }
}

/** Returns the id of the language: the chosen one, or the first that the browser asks for. */
function preferred(): string {
  const wanted = [stored("rolecall-language") ?? "", ...navigator.languages];
  const known = wanted.map((name) => LANGUAGES.find(({ id }) => name.startsWith(id))?.id);
  return known.find((id) => id !== undefined) ?? "en";
}

/** Returns the language, once its texts are loaded, and what changes it. */
export function usePreferredLanguage(): [Language | undefined, (id: string) => void] {
  const [id, set] = useState(preferred);
  const [language, loaded] = useState<Language | undefined>(id === "en" ? English : undefined);
  useEffect(() => {
    let isCurrent = true;
    const found = LANGUAGES.find((known) => known.id === id) ?? LANGUAGES[0];
    void found.load().then(
      (next) => {
        if (!isCurrent) return;
        document.documentElement.lang = next.locale;
        loaded(next);
      },
      () => loaded((before) => before ?? English),
    );
    return () => {
      isCurrent = false;
    };
  }, [id]);
  const choose = useCallback((next: string) => {
    store("rolecall-language", next);
    set(next);
  }, []);
  return [language, choose];
}

export type Theme = "system" | "light" | "dark";

/** Returns the theme, and what changes it. */
export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, set] = useState<Theme>(() => (stored("rolecall-theme") as Theme | null) ?? "system");
  const choose = useCallback((next: Theme) => {
    store("rolecall-theme", next === "system" ? undefined : next);
    if (next === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    set(next);
  }, []);
  return [theme, choose];
}
