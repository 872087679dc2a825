import { describe, expect, it } from '@jest/globals';
import { slownessTitle, slownessWords } from './slowness-words.js';

describe('slowness in words', () => {
  it('names the phase and how many times it takes what it takes the others', () => {
    const slowness = { phase: 'compute', ms: 620, othersMs: 200, sinceStep: 41 } as const;
    expect(slownessWords(slowness)).toBe('slow: computing 3.1×');
    expect(slownessTitle(slowness)).toBe('620 ms, the others 200 ms, since step 41');
    expect(slownessWords({ ...slowness, phase: 'data', othersMs: 0 })).toBe('slow: data > 100×');
  });
});
