import { describe, expect, it } from '@jest/globals';
import { valueAt } from './run-data.js';

describe('valueAt', () => {
  const column = [null, 1, null, 3, null];

  it('takes the newest known value when the pointer is away', () => {
    expect(valueAt(column, null)).toBe(3);
  });

  it('takes the last known value at or before the pointer', () => {
    expect(valueAt(column, 2)).toBe(1);
    expect(valueAt(column, 99)).toBe(3);
  });

  it('knows nothing before the first value', () => {
    expect(valueAt(column, 0)).toBeNull();
    expect(valueAt([], null)).toBeNull();
    expect(valueAt(undefined, 3)).toBeNull();
  });
});
