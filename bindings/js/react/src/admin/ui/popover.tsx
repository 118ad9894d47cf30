/** Popovers, menus and filters, which open next to a button. */

import {
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { useText } from "../messages/index.js";
import { Button, type ButtonProps, Link } from "./button.js";
import { classes } from "./classes.js";
import { Icon, type IconName } from "./icon.js";
import { Check } from "./toggle.js";

/** The distance between a popover and its button, and between it and the edge of the window. */
const GAP = 4;
const EDGE = 8;

/** Places a popover below its button, or above it where there is more room. */
function place(popover: HTMLElement, trigger: HTMLElement): void {
  const at = trigger.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popover;
  const below = innerHeight - at.bottom - GAP - EDGE;
  const top = below >= height || below >= at.top - GAP - EDGE ? at.bottom + GAP : Math.max(EDGE, at.top - GAP - height);
  const wanted = getComputedStyle(trigger).direction === "rtl" ? at.right - width : at.left;
  const left = Math.max(EDGE, Math.min(wanted, innerWidth - width - EDGE));
  Object.assign(popover.style, { top: `${top}px`, left: `${left}px` });
}

interface Layer {
  trigger: RefObject<HTMLElement | null>;
  open: boolean;
  onClose: () => void;
}

/** Shows an element above the page while it is open. The browser closes it at Escape and at a click elsewhere. */
function useLayer({ trigger, open, onClose }: Layer): RefObject<HTMLDivElement | null> {
  const layer = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = layer.current;
    const button = trigger.current;
    if (!open || element === null || button === null) return;
    const move = (): void => place(element, button);
    const toggled = (event: Event): void => {
      if ((event as ToggleEvent).newState === "closed") onClose();
    };
    element.addEventListener("toggle", toggled);
    if (!element.matches(":popover-open")) element.showPopover();
    move();
    const size = new ResizeObserver(move);
    size.observe(element);
    addEventListener("resize", move);
    addEventListener("scroll", move, true);
    return () => {
      element.removeEventListener("toggle", toggled);
      size.disconnect();
      removeEventListener("resize", move);
      removeEventListener("scroll", move, true);
    };
  }, [open, onClose, trigger]);
  return layer;
}

/** Returns the button of a popover, and the functions that open and close it. */
function useTrigger(): {
  trigger: RefObject<HTMLButtonElement | null>;
  open: boolean;
  toggle: () => void;
  close: () => void;
} {
  const trigger = useRef<HTMLButtonElement>(null);
  const [open, set] = useState(false);
  const closed = useRef(0);
  // A click on the button closes an open popover first, and must not open it again.
  const [close] = useState(() => () => {
    closed.current = performance.now();
    set(false);
  });
  const toggle = (): void => {
    if (performance.now() - closed.current > 150) set(true);
  };
  return { trigger, open, toggle, close };
}

export interface PopoverProps extends Omit<ButtonProps, "children" | "content"> {
  /** The name of the dialog that opens. */
  label: string;
  /** The content of the button. */
  button: ReactNode;
  /** The content of the popover, which can close itself. */
  children: (close: () => void) => ReactNode;
}

/** A button that opens a small dialog next to it. */
export function Popover({ label, button, children, ...rest }: PopoverProps): ReactNode {
  const { trigger, open, toggle, close } = useTrigger();
  const id = useId();
  const layer = useLayer({ trigger, open, onClose: close });
  useEffect(() => {
    if (open) layer.current?.querySelector<HTMLElement>("[autofocus], input, select, button, a[href]")?.focus();
  }, [open, layer]);
  const done = (): void => {
    layer.current?.hidePopover();
    trigger.current?.focus();
  };
  return (
    <>
      <Button
        {...rest}
        ref={trigger}
        aria-haspopup="dialog"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={toggle}
      >
        {button}
      </Button>
      {open && (
        <div ref={layer} id={id} popover="auto" role="dialog" aria-label={label} className="rc-pop">
          {children(done)}
        </div>
      )}
    </>
  );
}

/** An entry of a menu. */
export interface MenuEntry {
  id: string;
  label: ReactNode;
  icon?: IconName | undefined;
  /** Runs at once. */
  onSelect?: (() => void) | undefined;
  /** Or leads to an address. */
  to?: string | undefined;
  /** Whether it is the chosen one of its group. */
  checked?: boolean | undefined;
  danger?: boolean | undefined;
  disabled?: boolean | undefined;
}

/** Entries that belong together. */
export interface MenuGroup {
  id: string;
  label?: string | undefined;
  entries: readonly MenuEntry[];
}

export interface MenuProps extends Omit<ButtonProps, "children"> {
  label: string;
  button: ReactNode;
  groups: readonly MenuGroup[];
}

const ITEM = "[role^=menuitem]:not([aria-disabled])";

/** Moves the focus among the entries of a menu: arrows, Home, End, and the first letter. */
function move(event: KeyboardEvent<HTMLElement>): void {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>(ITEM)];
  const now = items.indexOf(document.activeElement as HTMLElement);
  const targets: Record<string, number> = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: -1 };
  let next = targets[event.key];
  if (next === undefined && event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
    const rest = [...items.slice(now + 1), ...items.slice(0, now + 1)];
    const found = rest.find((item) => item.textContent?.toLowerCase().startsWith(event.key.toLowerCase()));
    next = found && items.indexOf(found);
  }
  if (next === undefined) return;
  event.preventDefault();
  items.at(next % items.length)?.focus();
}

/** A button that opens a menu. */
export function Menu({ label, button, groups, ...rest }: MenuProps): ReactNode {
  const { trigger, open, toggle, close } = useTrigger();
  const id = useId();
  const layer = useLayer({ trigger, open, onClose: close });
  useEffect(() => {
    if (open) layer.current?.querySelector<HTMLElement>(`[aria-checked="true"], ${ITEM}`)?.focus();
  }, [open, layer]);
  const choose = (entry: MenuEntry): void => {
    layer.current?.hidePopover();
    trigger.current?.focus();
    entry.onSelect?.();
  };
  return (
    <>
      <Button
        {...rest}
        ref={trigger}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={toggle}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            event.preventDefault();
            toggle();
          }
        }}
      >
        {button}
      </Button>
      {open && (
        <div ref={layer} id={id} popover="auto" className="rc-pop rc-pop--menu">
          <div
            role="menu"
            aria-label={label}
            className="rc-menu"
            onKeyDown={(event) => {
              if (event.key === "Tab") layer.current?.hidePopover();
              move(event);
            }}
          >
            {groups
              .filter(({ entries }) => entries.length > 0)
              .map((group, index) => (
                <div key={group.id} role="group" aria-label={group.label}>
                  {index > 0 && <div className="rc-menu__sep" />}
                  {group.label !== undefined && (
                    <div className="rc-menu__head" aria-hidden="true">
                      {group.label}
                    </div>
                  )}
                  {group.entries.map((entry) => (
                    <MenuItem key={entry.id} entry={entry} onChoose={choose} />
                  ))}
                </div>
              ))}
          </div>
        </div>
      )}
    </>
  );
}

function MenuItem({ entry, onChoose }: { entry: MenuEntry; onChoose: (entry: MenuEntry) => void }): ReactNode {
  const { icon, label, to, checked, danger, disabled } = entry;
  const props = {
    className: classes("rc-menu__item", danger && "rc-menu__item--danger"),
    role: checked === undefined ? "menuitem" : "menuitemradio",
    tabIndex: -1,
    "aria-checked": checked,
    "aria-disabled": disabled || undefined,
    onClick: () => !disabled && onChoose(entry),
  };
  const content = (
    <>
      {icon !== undefined && <Icon name={icon} />}
      <span>{label}</span>
      {checked === true && <Icon name="check" />}
    </>
  );
  return to === undefined ? (
    <button type="button" {...props}>
      {content}
    </button>
  ) : (
    <Link to={to} {...props}>
      {content}
    </Link>
  );
}

export interface FilterProps<V extends string> {
  label: string;
  options: readonly { value: V; label: string }[];
  /** The chosen value, or nothing. */
  value: V | undefined;
  onChange: (value: V | undefined) => void;
  /** One of the options is always chosen. */
  isRequired?: boolean;
}

/** A filter that says what it is set to. Delete clears it. */
export function Filter<V extends string>({
  label,
  options,
  value,
  onChange,
  isRequired = false,
}: FilterProps<V>): ReactNode {
  const t = useText();
  const { trigger, open, toggle, close } = useTrigger();
  const id = useId();
  const layer = useLayer({ trigger, open, onClose: close });
  const chosen = options.find((option) => option.value === value);
  useEffect(() => {
    if (open) layer.current?.querySelector<HTMLElement>("input")?.focus();
  }, [open, layer]);
  const choose = (next: V | undefined): void => {
    onChange(next);
    layer.current?.hidePopover();
    trigger.current?.focus();
  };
  return (
    <>
      <button
        ref={trigger}
        type="button"
        className="rc-filter"
        data-set={chosen !== undefined || undefined}
        aria-haspopup="dialog"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={toggle}
        onKeyDown={(event) => {
          if (!isRequired && (event.key === "Delete" || event.key === "Backspace")) onChange(undefined);
        }}
      >
        {chosen === undefined ? label : `${label}: ${chosen.label}`}
        <Icon name="down" small />
      </button>
      {open && (
        <div ref={layer} id={id} popover="auto" role="dialog" aria-label={label} className="rc-pop rc-pop--menu">
          <div className="rc-menu">
            {options.map((option) => (
              <Check
                key={option.value}
                className="rc-menu__item"
                checked={option.value === value}
                onChange={(on) => choose(on || isRequired ? option.value : undefined)}
              >
                {option.label}
              </Check>
            ))}
            {chosen !== undefined && !isRequired && (
              <>
                <div className="rc-menu__sep" />
                <button type="button" className="rc-menu__item" onClick={() => choose(undefined)}>
                  {t("common.clear")}
                </button>
              </>
            )}
          </div>
        </div>
      )}
    </>
  );
}
