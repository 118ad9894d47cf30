/** Dialogs, which keep the focus until they are closed. */

import { type ReactNode, useId, useLayoutEffect, useRef } from "react";
import { useText } from "../messages/index.js";
import { useAway } from "../away.js";
import { Button } from "./button.js";
import { classes } from "./classes.js";
import { lendFocus } from "./focus.js";

export interface DialogProps {
  title: ReactNode;
  onClose: () => void;
  children: ReactNode;
  /** The buttons. The first has the focus unless another element has `autofocus`. */
  footer?: ReactNode;
  wide?: boolean;
  /** Whether it is a question that must not be missed. */
  alert?: boolean;
  /** Its command is under way. The dialog stays, because it shows the answer. */
  busy?: boolean | undefined;
}

/** Whether a dialog is above the page. */
export function isDialogOpen(): boolean {
  return document.querySelector("dialog[open]") !== null;
}

/** A dialog above the page. It is open while it is rendered. */
export function Dialog(props: DialogProps): ReactNode {
  const { title, onClose, children, footer, wide = false, alert = false, busy = false } = props;
  const t = useText();
  const isAway = useAway() !== undefined;
  // A drag that begins in the dialog may end outside it.
  const isOutside = useRef(false);
  const isLeft = useRef(false);
  const close = (): void => {
    if (!busy) onClose();
  };
  // Browsers close a dialog at the second Escape, even if the page stopped the first.
  const closed = (): void => {
    if (isLeft.current) return;
    if (busy) dialog.current?.showModal();
    else onClose();
  };
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    const element = dialog.current;
    const giveBack = lendFocus();
    isLeft.current = false;
    if (element !== null && !element.open) element.showModal();
    // React gives `autoFocus` the focus before the dialog is open, and writes no attribute.
    element?.querySelector<HTMLElement>(alert ? "footer button" : "[data-autofocus]")?.focus();
    return () => {
      isLeft.current = true;
      element?.close();
      giveBack();
    };
  }, [alert]);
  return (
    <dialog
      ref={dialog}
      className={classes("rc-modal", wide && "rc-modal--wide")}
      role={alert ? "alertdialog" : undefined}
      aria-labelledby={`${id}-t`}
      aria-describedby={alert ? `${id}-b` : undefined}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClose={closed}
      onPointerDown={(event) => {
        isOutside.current = event.target === dialog.current;
      }}
      onClick={(event) => {
        if (event.target === dialog.current && isOutside.current && !alert) close();
      }}
    >
      <div className="rc-dialog">
        <header role="none">
          <h2 id={`${id}-t`}>{title}</h2>
          {!alert && (
            <Button kind="quiet" small iconOnly icon="close" disabled={busy} onClick={close}>
              {t("common.close")}
            </Button>
          )}
        </header>
        <div className="rc-stack" id={`${id}-b`}>
          {children}
        </div>
        {footer !== undefined && isAway && (
          <p className="rc-dialog__away" role="status">
            {t("common.offline.wait")}
          </p>
        )}
        {footer !== undefined && <footer role="none">{footer}</footer>}
      </div>
    </dialog>
  );
}

export interface ConfirmProps {
  /** The question, with the name of the object. */
  title: ReactNode;
  /** The verb of the question. */
  confirm: string;
  /** The label of the button that changes nothing. */
  keep?: string;
  pending?: boolean | undefined;
  disabled?: boolean | undefined;
  onConfirm: () => void;
  onClose: () => void;
  children: ReactNode;
}

/** A question before something is destroyed. The safe button has the focus. */
export function Confirm({
  title,
  confirm,
  keep,
  pending,
  disabled,
  onConfirm,
  onClose,
  children,
}: ConfirmProps): ReactNode {
  const t = useText();
  const footer = (
    <>
      <Button disabled={pending} onClick={onClose}>
        {keep ?? t("common.cancel")}
      </Button>
      <Button kind="destroy" pending={pending} disabled={disabled} onClick={onConfirm}>
        {confirm}
      </Button>
    </>
  );
  return (
    <Dialog alert busy={pending} title={title} onClose={onClose} footer={footer}>
      {children}
    </Dialog>
  );
}
