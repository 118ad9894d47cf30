/** Controls that are on or off: boxes, switches, and one of a few views. */

import { type InputHTMLAttributes, type ReactNode, useEffect, useRef } from "react";
import { useNumber } from "../messages/index.js";
import { Link } from "./button.js";
import { classes } from "./classes.js";

export interface BoxProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "onChange" | "type" | "checked"> {
  /** `mixed` shows that a part of a branch is set. */
  checked: boolean | "mixed";
  onChange?: ((checked: boolean) => void) | undefined;
  /** Held by inheritance, whether or not it is set here. */
  inherited?: boolean | undefined;
  /** The effect of saving. */
  change?: "add" | "remove" | undefined;
}

/** A checkbox with the states of a role: set, inherited, both, mixed, and what saving changes. */
export function Box({ checked, onChange, inherited, change, className, ...rest }: BoxProps): ReactNode {
  const input = useRef<HTMLInputElement>(null);
  const isMixed = checked === "mixed";
  useEffect(() => {
    if (input.current) input.current.indeterminate = isMixed;
  }, [isMixed]);
  return (
    <input
      {...rest}
      ref={input}
      type="checkbox"
      className={classes("rc-box", className)}
      checked={checked === true}
      onChange={(event) => onChange?.(event.target.checked)}
      data-inherited={inherited || undefined}
      data-change={change}
    />
  );
}

/** A checkbox with words. */
export function Check({ children, className, ...rest }: BoxProps & { children: ReactNode }): ReactNode {
  return (
    <label className={classes("rc-check", className)}>
      <Box {...rest} />
      <span>{children}</span>
    </label>
  );
}

export interface ToggleProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "onChange" | "type"> {
  checked: boolean;
  onChange: (checked: boolean) => void;
}

/** A switch, which applies at once or with its form. */
export function Switch({ checked, onChange, className, ...rest }: ToggleProps): ReactNode {
  return (
    <input
      {...rest}
      type="checkbox"
      role="switch"
      className={classes("rc-switch", className)}
      checked={checked}
      onChange={(event) => onChange(event.target.checked)}
    />
  );
}

/** One of a few choices, with words. */
export function Radio({
  checked,
  onChange,
  children,
  className,
  ...rest
}: Omit<ToggleProps, "onChange"> & { onChange: () => void; children?: ReactNode }): ReactNode {
  return (
    <label className={classes("rc-check", className)}>
      <input {...rest} type="radio" className="rc-radio" checked={checked} onChange={onChange} />
      {children}
    </label>
  );
}

export interface SegProps<V extends string> {
  label: string;
  options: readonly { value: V; label: ReactNode; count?: number | undefined }[];
  value: V;
  onChange: (value: V) => void;
  small?: boolean;
}

/** One of a few views of the same thing. */
export function Seg<V extends string>({ label, options, value, onChange, small = false }: SegProps<V>): ReactNode {
  const number = useNumber();
  return (
    <div className={classes("rc-seg", small && "rc-seg--s")} role="group" aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
        >
          {option.label}
          {option.count !== undefined && <span className="rc-count">{number(option.count)}</span>}
        </button>
      ))}
    </div>
  );
}

/** Views of the same thing at addresses of their own. */
export function SegLinks({
  label,
  links,
}: {
  label: string;
  links: readonly { to: string; label: ReactNode; current: boolean }[];
}): ReactNode {
  return (
    <nav className="rc-seg" aria-label={label}>
      {links.map((link) => (
        <Link key={link.to} to={link.to} aria-current={link.current ? "page" : undefined}>
          {link.label}
        </Link>
      ))}
    </nav>
  );
}
