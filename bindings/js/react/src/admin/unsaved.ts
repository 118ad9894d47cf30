/** Input that is not saved. Applications ask before they leave it. */

import { createContext, useCallback, useContext, useLayoutEffect, useRef } from "react";

/** Where a form is. Without a place it is on the page itself. */
export interface FormPlace {
  /** In a row that is open. */
  isRow?: boolean;
  /** In a dialog, above everything else. */
  isDialog?: boolean;
  /** Behind a parameter of the address. */
  param?: string;
  /** Kept while other pages are open, such as the draft of a role. Only the end of the document loses it. */
  isKept?: boolean;
}

interface Form extends FormPlace {
  changes: number;
}

const forms = new Map<object, Form>();
const NONE = { changes: 0 };

const warn = (event: BeforeUnloadEvent): void => event.preventDefault();

/** Reports changes that are not saved. The browser warns before the page is closed, for as long as there are some. */
export function reportUnsaved(key: object, form: Form): void {
  if (form.changes === 0) forms.delete(key);
  else forms.set(key, form);
  if (forms.size === 0) removeEventListener("beforeunload", warn);
  else addEventListener("beforeunload", warn);
}

/** Drops every change, such as after a log-out: the user has agreed to lose them. */
export function dropUnsaved(): void {
  for (const key of [...forms.keys()]) reportUnsaved(key, NONE);
}

/** The place of the forms below. */
export const FormPlaces = createContext<FormPlace>({});

/** Reports the changes of a form that are lost with it. Returns what drops them, such as once they are saved. */
export function useUnsaved(changes: number, param?: string): () => void {
  return useUnsavedAt(useContext(FormPlaces), changes, param);
}

function useUnsavedAt(place: FormPlace, changes: number, param?: string): () => void {
  const key = useRef({}).current;
  const drop = useCallback(() => reportUnsaved(key, NONE), [key]);
  useLayoutEffect(() => {
    if (changes === 0) return;
    reportUnsaved(key, { ...place, ...(param !== undefined && { param }), changes });
    return drop;
  }, [key, drop, place, param, changes]);
  return drop;
}

const DIALOG = { isDialog: true };

/** Reports the changes of a dialog. Returns a function that drops them and closes it. */
export function useUnsavedDialog(changes: number, onClose?: () => void): () => void {
  const drop = useUnsavedAt(DIALOG, changes);
  return () => {
    drop();
    onClose?.();
  };
}

/** Returns the number of changes in the forms that are lost; by default in those that another page loses. */
export function unsavedChanges(isLost: (place: FormPlace) => boolean = ({ isKept }) => isKept !== true): number {
  return [...forms.values()].filter(isLost).reduce((sum, { changes }) => sum + changes, 0);
}
