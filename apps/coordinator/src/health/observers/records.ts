import type { UnreadableRecord } from '#contracts';
import type { FaultObserver } from '../fault-observer.js';
import type { FaultFound } from '../open-faults.js';

const NUM_NAMED = 3;

/** Records that cannot be read, by what they are of: `runs`, `studies`. */
export function recordsObserver(sources: Readonly<Record<string, () => readonly UnreadableRecord[]>>): FaultObserver {
  return {
    kinds: ['unreadable-records'],
    look: () =>
      Object.entries(sources).flatMap(([subject, list]): FaultFound[] => {
        const records = list();
        if (records.length === 0) return [];
        const named = records.slice(0, NUM_NAMED).map(({ id, reason }) => `${id} (${reason})`);
        const more = records.length > NUM_NAMED ? `, and ${records.length - NUM_NAMED} more` : '';
        const message = `records of ${subject} cannot be read and are left as they are: ${named.join(', ')}${more}`;
        return [{ kind: 'unreadable-records', subject, message }];
      }),
  };
}
