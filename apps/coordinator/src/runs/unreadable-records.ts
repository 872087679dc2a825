import type { UnreadableRecord } from '#contracts';

/** For a list, the newest first: ids sort by time. */
export function unreadableRecords(reasons: ReadonlyMap<string, string>): UnreadableRecord[] {
  return [...reasons].map(([id, reason]) => ({ id, reason })).sort((left, right) => (left.id < right.id ? 1 : -1));
}
