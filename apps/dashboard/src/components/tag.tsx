import type { ReactNode } from 'react';

/** A word in a frame: a tag of a run, or a part of a filter. With `onRemove` it can be taken away. */
export function Tag(props: {
  readonly children: ReactNode;
  /** Whole, for the button that removes it. */
  readonly name: string;
  readonly isBusy?: boolean;
  readonly onRemove?: () => void;
}) {
  const { children, name, isBusy = false, onRemove } = props;
  return (
    <span className="tag">
      {children}
      {onRemove === undefined ? null : (
        <button type="button" aria-label={`Remove ${name}`} disabled={isBusy} onClick={onRemove}>
          ×
        </button>
      )}
    </span>
  );
}
