import { shorten, UNKNOWN } from '../format/format.js';
import { CopyButton } from './copy-button.js';

/** A SHA-256 or fingerprint: its beginning, the whole as a tooltip and on the clipboard. */
export function Digest({
  value,
  name,
  length = 12,
}: {
  readonly value: string | null;
  readonly name: string;
  readonly length?: number;
}) {
  if (value === null) return <span className="muted">{UNKNOWN}</span>;
  return (
    <span className="digest">
      <code title={value}>{shorten(value, length)}</code>
      <CopyButton text={value} label={`Copy ${name}`} />
    </span>
  );
}
