import type { UnreadableRecord } from '#contracts';
import { Notice } from './notice.js';

export interface UnreadableRecordsProps {
  /** `runs` or `studies`. */
  readonly what: string;
  readonly records: readonly UnreadableRecord[];
}

/** Records that a list cannot show, each with the reason. */
export function UnreadableRecords({ what, records }: UnreadableRecordsProps) {
  if (records.length === 0) return null;
  return (
    <Notice tone="warning" title={`Records of ${what} that cannot be read`}>
      <p>They are left as they are on disk.</p>
      <ul>
        {records.map(({ id, reason }) => (
          <li key={id}>
            <code>{id}</code>: {reason}
          </li>
        ))}
      </ul>
    </Notice>
  );
}
