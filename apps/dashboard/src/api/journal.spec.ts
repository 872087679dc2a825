import { describe, expect, it } from '@jest/globals';
import type { RunEvent } from '#contracts';
import { addEvents, MAX_EVENTS } from './journal.js';

const event = (id: number): RunEvent => ({ id, at: id, level: 'info', topic: 'worker', message: `line ${id}` });
const ids = (events: readonly RunEvent[]): number[] => events.map((line) => line.id);

describe('journal', () => {
  it('appends, drops repeats and keeps the order of ids', () => {
    expect(ids(addEvents([event(1)], [event(2), event(3)]))).toEqual([1, 2, 3]);
    expect(ids(addEvents([event(1), event(2)], [event(1), event(2), event(3)]))).toEqual([1, 2, 3]);
  });

  it('keeps the newest lines of a long journal', () => {
    const many = Array.from({ length: MAX_EVENTS + 5 }, (_, index) => event(index + 1));
    const kept = addEvents([], many);
    expect(kept).toHaveLength(MAX_EVENTS);
    expect(kept.at(-1)?.id).toBe(MAX_EVENTS + 5);
  });
});
