/** Fields of forms. */

import {
  type InputHTMLAttributes,
  type ReactNode,
  type Ref,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useCallback,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { useText } from "../messages/index.js";
import { Button } from "./button.js";
import { classes } from "./classes.js";
import { Icon } from "./icon.js";
import { local, readLocal } from "./local-time.js";

/** The attributes that connect the control of a field with its texts. */
export interface Control {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": true | undefined;
}

export interface FieldProps {
  label: ReactNode;
  help?: ReactNode;
  error?: ReactNode;
  className?: string | undefined;
  children: (control: Control) => ReactNode;
}

/** A label, a control, and what helps to fill it in. */
export function Field({ label, help, error, className, children }: FieldProps): ReactNode {
  const id = useId();
  const described = [help != null && `${id}-h`, error != null && `${id}-e`].filter(Boolean).join(" ");
  return (
    <div className={classes("rc-field", className)}>
      <label className="rc-label" htmlFor={id}>
        {label}
      </label>
      {children({
        id,
        "aria-describedby": described || undefined,
        "aria-invalid": error != null || undefined,
      })}
      {help != null && (
        <span className="rc-help" id={`${id}-h`}>
          {help}
        </span>
      )}
      {error != null && (
        <span className="rc-error" id={`${id}-e`}>
          <Icon name="stop" small />
          <span>{error}</span>
        </span>
      )}
    </div>
  );
}

export interface InputProps extends InputHTMLAttributes<HTMLInputElement> {
  ref?: Ref<HTMLInputElement> | undefined;
}

/** A line of text. */
export function Input({ className, autoFocus = false, ref, ...rest }: InputProps): ReactNode {
  const own = useRef<HTMLInputElement>(null);
  // Preact does nothing for `autoFocus`. A dialog looks for the attribute once it is open.
  useEffect(() => {
    if (autoFocus) own.current?.focus();
  }, []);
  const both = useCallback(
    (element: HTMLInputElement | null) => {
      own.current = element;
      if (typeof ref === "function") ref(element);
      else if (ref != null) ref.current = element;
    },
    [ref],
  );
  return (
    <input
      autoComplete="off"
      data-autofocus={autoFocus ? "" : undefined}
      {...rest}
      ref={both}
      className={classes("rc-input", className)}
    />
  );
}

/** Lines of text. */
export function TextArea({ className, ...rest }: TextareaHTMLAttributes<HTMLTextAreaElement>): ReactNode {
  return <textarea {...rest} className={classes("rc-input", className)} />;
}

export interface TextFieldProps
  extends Pick<FieldProps, "label" | "help" | "error">, Omit<InputProps, "className" | "onChange" | "value"> {
  value: string;
  onText: (text: string) => void;
  /** The class of the field. */
  className?: string | undefined;
}

/** A line of text with its label. */
export function TextField({ label, help, error, className, onText, ...input }: TextFieldProps): ReactNode {
  return (
    <Field label={label} help={help} error={error} className={className}>
      {(control) => <Input {...input} {...control} onChange={({ target }) => onText(target.value)} />}
    </Field>
  );
}

/** One of the options that a `Select` shows. */
export interface Option<V extends string = string> {
  value: V;
  label: string;
  disabled?: boolean;
}

export interface SelectProps<V extends string> extends Omit<SelectHTMLAttributes<HTMLSelectElement>, "onChange"> {
  options: readonly Option<V>[];
  value: V;
  onChange: (value: V) => void;
}

/** One of a few options. */
export function Select<V extends string>({ options, onChange, className, ...rest }: SelectProps<V>): ReactNode {
  return (
    <select
      {...rest}
      className={classes("rc-input", className)}
      onChange={(event) => onChange(event.target.value as V)}
    >
      {options.map(({ value, label, disabled }) => (
        <option key={value} value={value} disabled={disabled}>
          {label}
        </option>
      ))}
    </select>
  );
}

export interface SearchProps extends Omit<InputProps, "onChange" | "value"> {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** The keys that move the focus here, as they are shown. */
  keys?: string;
}

/** Searches a list. Escape clears it. */
export function Search({ label, value, onChange, keys, className, onKeyDown, ...rest }: SearchProps): ReactNode {
  const t = useText();
  const input = useRef<HTMLInputElement>(null);
  const clear = (): void => {
    onChange("");
    input.current?.focus();
  };
  return (
    <div className={classes("rc-search", className)} role="search" aria-label={label}>
      <Icon name="search" />
      <input
        {...rest}
        ref={input}
        className="rc-input"
        type="text"
        inputMode="search"
        enterKeyHint="search"
        autoComplete="off"
        spellCheck={false}
        aria-label={label}
        placeholder={rest.placeholder ?? label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape" && value !== "") {
            event.stopPropagation();
            onChange("");
          }
          onKeyDown?.(event);
        }}
      />
      {value !== "" ? (
        <Button kind="quiet" small iconOnly icon="close" className="rc-search__clear" onClick={clear}>
          {t("common.clear")}
        </Button>
      ) : (
        keys !== undefined && <kbd aria-hidden="true">{keys}</kbd>
      )}
    </div>
  );
}

export interface DateTimeProps extends Omit<InputProps, "value" | "onChange" | "min" | "max"> {
  /** A timestamp in UTC, or nothing. */
  value: Date | undefined;
  onChange: (value: Date | undefined) => void;
  min?: Date | undefined;
  max?: Date | undefined;
}

/** A date and a time in the time zone of the page. The browser shows its calendar. */
export function DateTime({ value, onChange, min, max, ...rest }: DateTimeProps): ReactNode {
  const text = local(value);
  const input = useRef<HTMLInputElement>(null);
  const [initial] = useState(text);
  const reported = useRef(text);
  // The browser keeps what is typed. Writing it back, even to clear it, would take the parts that are typed so far.
  // The next key must not come before this.
  useLayoutEffect(() => {
    if (text === reported.current) return;
    reported.current = text;
    if (input.current !== null) input.current.value = text;
  }, [text]);
  const change = (typed: string): void => {
    const time = readLocal(typed);
    if (time === "unfinished") return;
    reported.current = local(time);
    onChange(time);
  };
  return (
    <Input
      {...rest}
      ref={input}
      type="datetime-local"
      defaultValue={initial}
      min={local(min) || undefined}
      max={local(max) || undefined}
      onChange={({ target }) => change(target.value)}
    />
  );
}
