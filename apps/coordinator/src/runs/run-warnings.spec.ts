import { describe, expect, it } from '@jest/globals';
import { MAX_SHOWN_WARNINGS, type RunEvent } from '#contracts';
import { RunWarnings } from './run-warnings.js';

const event = (id: number, level: RunEvent['level']): RunEvent => ({ id, at: id, level, topic: 'worker', message: '' });

describe('RunWarnings', () => {
  it('counts what is no mere information, and keeps the newest in their order', () => {
    const warnings = new RunWarnings();
    warnings.note([event(1, 'info'), event(2, 'warning'), event(3, 'error')]);
    expect(warnings.view()).toEqual({ numWarnings: 2, warnings: [event(2, 'warning'), event(3, 'error')] });
    for (let id = 4; id < 4 + MAX_SHOWN_WARNINGS; id += 1) warnings.note([event(id, 'warning')]);
    const { numWarnings, warnings: shown } = warnings.view();
    expect([numWarnings, shown.length, shown[0]?.id]).toEqual([2 + MAX_SHOWN_WARNINGS, MAX_SHOWN_WARNINGS, 4]);
  });
});
