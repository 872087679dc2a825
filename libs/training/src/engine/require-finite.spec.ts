import { describe, expect, it } from '@jest/globals';
import { requireFinite } from './require-finite.js';

describe('requireFinite', () => {
  it('finds one NaN or infinity at any place of a vector of any length', () => {
    for (let length = 0; length <= 9; length += 1) {
      const vector = new Float32Array(length).fill(-3e38);
      expect(requireFinite(vector)).toBe(vector);
      for (let place = 0; place < length; place += 1) {
        for (const wrong of [NaN, Infinity, -Infinity]) {
          const spoilt = vector.slice();
          spoilt[place] = wrong;
          expect(() => requireFinite(spoilt)).toThrow(/not finite/);
        }
      }
    }
  });
});
