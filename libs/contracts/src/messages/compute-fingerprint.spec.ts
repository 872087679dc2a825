import { describe, expect, it } from '@jest/globals';
import { computesAlike, fingerprintUnder, isFast } from './compute-fingerprint.js';

const CPU = 'graph/tensorflow-2.21.0/cpu/x64/avx512/onednn';
const GPU = 'graph/tensorflow-2.21.0/NVIDIA-A100/mig-1g.10gb/cudnn-9.3.0.75/tf32/fp32/exact';

describe('a compute fingerprint', () => {
  it('is another with fast bits on a GPU, and the same on a CPU', () => {
    expect([fingerprintUnder(CPU, 'fast'), isFast(fingerprintUnder(CPU, 'fast'))]).toEqual([CPU, false]);
    const fast = fingerprintUnder(GPU, 'fast');
    expect([fast.endsWith('/fp32/fast'), isFast(fast), isFast(GPU)]).toEqual([true, true, false]);
    expect(fingerprintUnder(fast, 'exact')).toBe(GPU);
    expect(computesAlike(GPU, fast)).toBe(false);
  });

  it('goes on with what older records say of a GPU, never with less of a CPU', () => {
    expect(computesAlike('graph/tensorflow-2.21.0/NVIDIA-A100', GPU)).toBe(true);
    expect(computesAlike('graph/tensorflow-2.21.0/NVIDIA-A10', GPU)).toBe(false);
    expect(computesAlike('graph/tensorflow-2.20.0/NVIDIA-A100', GPU)).toBe(false);
    expect(computesAlike('graph/tensorflow-2.21.0/cpu/x64/avx512', CPU)).toBe(false);
    expect(computesAlike(CPU, CPU)).toBe(true);
  });
});
