import { describe, expect, it } from '@jest/globals';
import { computesAlike, fingerprintUnder, isFast } from './compute-fingerprint.js';

const CPU = 'graph/tensorflow-2.21.0/cpu/x64/avx512/onednn';
const GPU = 'graph/tensorflow-2.21.0/NVIDIA-A100/mig-1g.10gb/cudnn-9.3.0.75/tf32/fp32/exact';

describe('a compute fingerprint', () => {
  it('is another with fast bits on a GPU, and the same on a CPU', () => {
    expect([
      fingerprintUnder(CPU, { bits: 'fast', precision: 'fp32' }),
      isFast(fingerprintUnder(CPU, { bits: 'fast', precision: 'fp32' })),
    ]).toEqual([CPU, false]);
    const fast = fingerprintUnder(GPU, { bits: 'fast', precision: 'bf16' });
    expect([fast.endsWith('/fp32/fast'), isFast(fast), isFast(GPU)]).toEqual([true, true, false]);
    expect(fingerprintUnder(fast, { bits: 'exact', precision: 'fp32' })).toBe(GPU);
    expect(computesAlike(GPU, fast)).toBe(false);
  });

  it('names the unit for 16 bits of a CPU in runs of bf16 alone', () => {
    const worker = `${CPU}/bf16-amx`;
    expect(fingerprintUnder(worker, { bits: 'exact', precision: 'fp32' })).toBe(CPU);
    expect(fingerprintUnder(worker, { bits: 'exact', precision: 'bf16' })).toBe(worker);
    expect(computesAlike(`${CPU}/bf16-none`, worker)).toBe(false);
  });

  it('goes on with what older records say of a GPU, never with less of a CPU', () => {
    expect(computesAlike('graph/tensorflow-2.21.0/NVIDIA-A100', GPU)).toBe(true);
    expect(computesAlike('graph/tensorflow-2.21.0/NVIDIA-A10', GPU)).toBe(false);
    expect(computesAlike('graph/tensorflow-2.20.0/NVIDIA-A100', GPU)).toBe(false);
    expect(computesAlike('graph/tensorflow-2.21.0/cpu/x64/avx512', CPU)).toBe(false);
    expect(computesAlike(CPU, CPU)).toBe(true);
  });
});
