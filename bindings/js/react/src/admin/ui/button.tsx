/** Buttons and links. */

import {
  type AnchorHTMLAttributes,
  type ButtonHTMLAttributes,
  type MouseEvent,
  type ReactNode,
  type Ref,
  useState,
} from "react";
import { useAway } from "../away.js";
import { useText } from "../messages/index.js";
import { useNavigation } from "../navigation.js";
import { classes } from "./classes.js";
import { Icon, type IconName } from "./icon.js";

/** How a button looks. */
export interface ButtonLook {
  kind?: "plain" | "primary" | "danger" | "destroy" | "quiet" | undefined;
  small?: boolean | undefined;
  icon?: IconName | undefined;
  /** Shows the icon alone. The text is the name for screen readers. */
  iconOnly?: boolean | undefined;
}

export interface ButtonProps extends ButtonLook, ButtonHTMLAttributes<HTMLButtonElement> {
  /**
   * Whether work is under way: the button stays where it is and does nothing. A button that has this property asks the
   * server, and waits while the server cannot be reached.
   */
  pending?: boolean | undefined;
  ref?: Ref<HTMLButtonElement> | undefined;
}

function look({ kind = "plain", small = false, iconOnly = false }: ButtonLook, own?: string): string {
  return classes(
    "rc-btn",
    kind !== "plain" && `rc-btn--${kind}`,
    small && "rc-btn--s",
    iconOnly && "rc-btn--icon",
    own,
  );
}

function content({ icon, iconOnly, small }: ButtonLook, children: ReactNode): ReactNode {
  return (
    <>
      {icon !== undefined && <Icon name={icon} small={small === true && !iconOnly} />}
      {iconOnly ? <span className="rc-sr">{children}</span> : children}
    </>
  );
}

const isText = (children: ReactNode): children is string => typeof children === "string";

/** A button. */
export function Button(props: ButtonProps): ReactNode {
  const { kind, small, icon, iconOnly, pending, disabled, className, children, onClick, ...rest } = props;
  const t = useText();
  const waits = useAway() !== undefined && pending === false;
  const [hasFocus, setFocus] = useState(false);
  // A button that is disabled would lose the focus.
  const isIdle = disabled === true && hasFocus;
  const press = (event: MouseEvent<HTMLButtonElement>): void => {
    if (pending || waits || isIdle) event.preventDefault();
    else onClick?.(event);
  };
  return (
    <button
      type="button"
      {...rest}
      className={look({ kind, small, iconOnly }, className)}
      title={waits ? t("common.offline.wait") : (rest.title ?? (iconOnly && isText(children) ? children : undefined))}
      disabled={disabled === true && !hasFocus}
      aria-disabled={pending || waits || isIdle || undefined}
      data-disabled={isIdle || undefined}
      data-pending={pending || undefined}
      onClick={press}
      onFocus={(event) => {
        setFocus(true);
        rest.onFocus?.(event);
      }}
      onBlur={(event) => {
        setFocus(false);
        rest.onBlur?.(event);
      }}
    >
      {content({ icon: pending ? undefined : icon, iconOnly, small }, children)}
      {pending && <span className="rc-spin" aria-hidden="true" />}
    </button>
  );
}

export interface LinkProps extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, "href"> {
  /** The address, as the application that shows the part writes it. */
  to: string;
  /** The entry of the history is replaced. */
  replace?: boolean;
}

/** A link, which the router of the application follows. */
export function Link({ to, replace = false, onClick, ...rest }: LinkProps): ReactNode {
  const { href, navigate } = useNavigation();
  const follow = (event: MouseEvent<HTMLAnchorElement>): void => {
    onClick?.(event);
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (event.defaultPrevented || !isPlain || rest.target !== undefined || rest.download !== undefined) return;
    event.preventDefault();
    navigate(to, { replace });
  };
  return <a {...rest} href={href(to)} onClick={follow} />;
}

/** A link that looks like a button. */
export function ButtonLink({
  kind,
  small,
  icon,
  iconOnly,
  className,
  children,
  ...rest
}: LinkProps & ButtonLook): ReactNode {
  return (
    <Link {...rest} className={look({ kind, small, iconOnly }, className)}>
      {content({ icon, iconOnly, small }, children)}
    </Link>
  );
}

/** A button that looks like a link within a text. */
export function TextButton({ className, ...rest }: ButtonHTMLAttributes<HTMLButtonElement>): ReactNode {
  return <button type="button" {...rest} className={classes("rc-link", className)} />;
}
