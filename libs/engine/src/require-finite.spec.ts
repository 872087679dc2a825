import { describe, expect, it } from '@jest/globals';
import { requireFinite } from './require-finite.js';

describe('requireFinite', () => {
  it('finds one NaN or infinity at any place of a vector of any length', () => {
    for (const length of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 33, 70]) {
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

  it('looks at every block of a long vector, and forgets the one before', () => {
    const length = 3 * 8_192 + 5;
    const vector = Float32Array.from({ length }, (_, index) => (index % 2 === 0 ? 1e-45 : -3.4e38));
    for (const place of [8_191, 8_192, 20_000, length - 1]) {
      const spoilt = vector.slice();
      spoilt[place] = NaN;
      expect(() => requireFinite(spoilt)).toThrow(/not finite/);
      expect(requireFinite(vector)).toBe(vector);
    }
  });
});
