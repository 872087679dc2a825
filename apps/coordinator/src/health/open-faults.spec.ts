import { describe, expect, it } from '@jest/globals';
import { OpenFaults } from './open-faults.js';

describe('OpenFaults', () => {
  it('keeps the time at which a fault began, with its latest words, until it is cleared', () => {
    let now = 1_000;
    const faults = new OpenFaults(() => now);
    expect(faults.raise({ kind: 'disk', message: 'full' })).toBe(true);
    now = 2_000;
    expect(faults.raise({ kind: 'disk', message: 'full' })).toBe(false);
    expect(faults.raise({ kind: 'disk', message: 'still full' })).toBe(true);
    faults.raise({ kind: 'redis', message: 'away' });
    expect(faults.list()).toMatchObject([
      { kind: 'disk', subject: 'coordinator', message: 'still full', since: 1_000, severity: 'error' },
      { kind: 'redis', subject: 'coordinator', message: 'away', since: 2_000 },
    ]);
    expect([faults.clear('disk'), faults.clear('disk')]).toEqual([true, false]);
    expect(faults.list().map(({ kind }) => kind)).toEqual(['redis']);
  });

  it('has of the kinds that were looked at exactly what was found', () => {
    let now = 1;
    const faults = new OpenFaults(() => now);
    faults.raise({ kind: 'disk', message: 'full' });
    const away = (subject: string): { kind: 'redis'; subject: string; message: string } => ({
      kind: 'redis',
      subject,
      message: 'away',
    });
    expect(faults.settle(['redis'], [away('a'), away('b')])).toHaveLength(2);
    now = 2;
    expect(faults.settle(['redis'], [away('b'), away('c')])).toEqual([away('c')]);
    expect(faults.list().map(({ kind, subject, since }) => [kind, subject, since])).toEqual([
      ['disk', 'coordinator', 1],
      ['redis', 'b', 1],
      ['redis', 'c', 2],
    ]);
    faults.settle(['redis'], []);
    expect(faults.list().map(({ kind }) => kind)).toEqual(['disk']);
  });
});
