import { type ReactNode, useEffect, useId, useRef } from 'react';

export interface ConfirmDialogProps {
  readonly title: string;
  /** What it means, in words. */
  readonly children: ReactNode;
  readonly confirmLabel: string;
  readonly dismissLabel: string;
  /** Not to be confirmed: nothing is known yet, something is in the way, or it is being done. */
  readonly isHeld?: boolean;
  readonly onConfirm: () => void;
  readonly onDismiss: () => void;
}

/** A modal question; the browser's dialog holds the focus and closes on Escape. Mount it to ask. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const textId = useId();
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      className="dialog"
      aria-labelledby={titleId}
      aria-describedby={textId}
      onCancel={props.onDismiss}
      onClose={props.onDismiss}
    >
      <h2 id={titleId}>{props.title}</h2>
      <div id={textId} className="dialog-text">
        {props.children}
      </div>
      <div className="dialog-actions">
        <button type="button" className="button" autoFocus onClick={props.onDismiss}>
          {props.dismissLabel}
        </button>
        <button type="button" className="button danger" disabled={props.isHeld ?? false} onClick={props.onConfirm}>
          {props.confirmLabel}
        </button>
      </div>
    </dialog>
  );
}
