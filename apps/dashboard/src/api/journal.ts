import type { RunEvent } from '#contracts';

/** Events kept in the page; the journal itself stays with the coordinator. */
export const MAX_EVENTS = 1000;

/** Adds journal lines: by id, each once, the newest MAX_EVENTS. After a reconnect the stream may repeat some. */
export function addEvents(known: readonly RunEvent[], arrived: readonly RunEvent[]): readonly RunEvent[] {
  const last = known.at(-1)?.id ?? 0;
  const isInOrder = arrived.every((event, index) => event.id > (arrived[index - 1]?.id ?? last));
  if (isInOrder) return [...known, ...arrived].slice(-MAX_EVENTS);
  const byId = new Map([...known, ...arrived].map((event) => [event.id, event]));
  return [...byId.values()].sort((left, right) => left.id - right.id).slice(-MAX_EVENTS);
}
