import { describe, expect, it } from '@jest/globals';
import { OpenFaults } from './open-faults.js';

describe('OpenFaults', () => {
  it('keeps the time at which a fault began, with its latest words, until it is cleared', () => {
    let now = 1_000;
    const faults = new OpenFaults(() => now);
    expect(faults.raise('disk', 'full')).toBe(true);
    now = 2_000;
    expect(faults.raise('disk', 'full')).toBe(false);
    expect(faults.raise('disk', 'still full')).toBe(true);
    faults.raise('redis', 'away');
    expect(faults.list()).toEqual([
      { kind: 'disk', message: 'still full', since: 1_000 },
      { kind: 'redis', message: 'away', since: 2_000 },
    ]);
    expect([faults.clear('disk'), faults.clear('disk')]).toEqual([true, false]);
    expect(faults.list().map(({ kind }) => kind)).toEqual(['redis']);
  });
});
