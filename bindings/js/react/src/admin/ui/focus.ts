/** Moves the focus near the element that had it. Browsers give it to the whole page when an element vanishes. */

/** An element above the one with the focus, and the place within it. */
interface Step {
  parent: Element;
  index: number;
}

const FOCUSABLE = ["a[href]", "button", "input", "select", "textarea", "[tabindex]"]
  .map((selector) => `${selector}:not(:disabled, [tabindex="-1"])`)
  .join();
const LIST = "ul, ol, tbody, [role=list], [role=rowgroup]";
const REPORTS = ".rc-toasts";
const SECTION = "section, form, dialog, [role=region], .rc-sec, main";

/** An element that has or had the focus, with the steps up to the page. */
interface Focus {
  element: HTMLElement;
  path: readonly Step[];
}

let last: Focus | undefined;
/** The element that had the focus before a report got it. */
let outside: Focus | undefined;

const isNowhere = (): boolean => document.activeElement === null || document.activeElement === document.body;

const isVisible = (element: Element): boolean => element.getClientRects().length > 0;

function stepsOf(element: Element): Step[] {
  const steps: Step[] = [];
  for (let child = element; child.parentElement !== null; child = child.parentElement)
    steps.push({ parent: child.parentElement, index: [...child.parentElement.children].indexOf(child) });
  return steps;
}

function remember({ target }: Event): void {
  // Elements next to the parts belong to the page.
  if (!(target instanceof HTMLElement) || target.closest('[class^="rc-"], [class*=" rc-"]') === null) {
    last = undefined;
    return;
  }
  const isReport = target.closest(REPORTS) !== null;
  if (isReport && last?.element.closest(REPORTS) === null) outside = last;
  last = { element: target, path: stepsOf(target) };
}

/** A click next to everything takes the focus on purpose. */
function forget(): void {
  setTimeout(() => {
    if (isNowhere() && last?.element.isConnected === true) last = undefined;
  });
}

/** Returns the control of a row: the one at the same place as before, or the first. */
function controlOf(row: Element, steps: readonly Step[]): HTMLElement | undefined {
  let same: Element | undefined = row;
  for (const { index } of [...steps].reverse()) same = same?.children[index];
  const all = [...(row.matches(FOCUSABLE) ? [row] : []), ...row.querySelectorAll(FOCUSABLE)].filter(isVisible);
  return (same !== undefined && all.includes(same) ? same : all[0]) as HTMLElement | undefined;
}

/** Returns the nearest control in a list that lost a row: of the row that took its place, or of one before. */
function inList({ parent, index }: Step, steps: readonly Step[]): HTMLElement | undefined {
  const rows = [...parent.children];
  for (const row of [...rows.slice(index), ...rows.slice(0, index).reverse()]) {
    const control = controlOf(row, steps);
    if (control !== undefined) return control;
  }
  return undefined;
}

/** Returns the heading of the innermost section around an element. */
function headOf(element: Element): HTMLElement | undefined {
  for (let at: Element | null | undefined = element; at != null; at = at.parentElement?.closest(SECTION)) {
    const head = at.querySelector<HTMLElement>("h1, h2, h3");
    if (head !== null) return head;
  }
  return undefined;
}

function restore(): void {
  if (last === undefined || last.element.isConnected || !isNowhere()) return;
  const { path } = last;
  const at = path.findIndex(({ parent }) => parent.isConnected);
  const step = path[at];
  if (step === undefined) return;
  if (step.parent.matches(REPORTS) && outside !== undefined) {
    last = outside;
    if (last.element.isConnected) last.element.focus();
    else restore();
    return;
  }
  // The steps before lead to the element within the row that vanished.
  const control = step.parent.matches(LIST) ? inList(step, path.slice(0, at)) : undefined;
  const target = control ?? headOf(step.parent);
  if (target === undefined) return;
  if (!target.matches(FOCUSABLE)) target.tabIndex = -1;
  target.focus({ preventScroll: true });
}

/** Returns what gives the focus back to what has it now, or to what is nearest if that has vanished. */
export function lendFocus(): () => void {
  const opener = document.activeElement;
  if (!(opener instanceof HTMLElement) || isNowhere()) return () => undefined;
  const steps = stepsOf(opener);
  return () => {
    if (opener.isConnected) {
      opener.focus();
      return;
    }
    last = { element: opener, path: steps };
    setTimeout(restore);
  };
}

const watcher = typeof MutationObserver === "undefined" ? undefined : new MutationObserver(check);

function check(): void {
  // An effect may move the focus itself.
  if (last !== undefined && !last.element.isConnected && isNowhere()) setTimeout(restore);
}

let users = 0;

/** Begins to keep the focus. Returns what ends it. */
export function keepFocus(): () => void {
  users += 1;
  if (users === 1) {
    addEventListener("focusin", remember);
    addEventListener("focusout", forget);
    watcher?.observe(document.body, { childList: true, subtree: true });
  }
  check();
  return () => {
    users -= 1;
    if (users > 0) return;
    removeEventListener("focusin", remember);
    removeEventListener("focusout", forget);
    watcher?.disconnect();
  };
}
