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
}

interface Form extends FormPlace {
  changes: number;
}

const forms = new Map<object, Form>();
const warners = new Set<object>();

const warn = (event: BeforeUnloadEvent): void => event.preventDefault();

/** Lets the browser warn before the page is closed, for as long as something is not saved. */
export function warnOfClosing(what: object, isUnsaved: boolean): void {
  if (isUnsaved) warners.add(what);
  else warners.delete(what);
  if (warners.size === 0) removeEventListener("beforeunload", warn);
  else addEventListener("beforeunload", warn);
}

/** The place of the forms below. */
export const FormPlaces = createContext<FormPlace>({});

/** Reports the changes of a form that are lost with it. Returns what drops them, such as once they are saved. */
export function useUnsaved(changes: number, param?: string): () => void {
  return useUnsavedAt(useContext(FormPlaces), changes, param);
}

function useUnsavedAt(place: FormPlace, changes: number, param?: string): () => void {
  const key = useRef({}).current;
  const drop = useCallback(() => {
    forms.delete(key);
    warnOfClosing(key, false);
  }, [key]);
  useLayoutEffect(() => {
    if (changes === 0) return;
    forms.set(key, { ...place, ...(param !== undefined && { param }), changes });
    warnOfClosing(key, true);
    return drop;
  }, [key, drop, place, param, changes]);
  return drop;
}

const DIALOG = { isDialog: true };

/** Reports the changes of a dialog. Returns what closes it. */
export function useUnsavedDialog(changes: number, onClose: () => void): () => void {
  const drop = useUnsavedAt(DIALOG, changes);
  return () => {
    drop();
    onClose();
  };
}

/** Returns the number of changes in the forms that are lost. */
export function unsavedChanges(isLost: (place: FormPlace) => boolean = () => true): number {
  return [...forms.values()].filter(isLost).reduce((sum, { changes }) => sum + changes, 0);
}
