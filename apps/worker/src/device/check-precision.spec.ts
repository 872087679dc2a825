import { describe, expect, it } from '@jest/globals';
import { checkPrecision } from './check-precision.js';

describe('a precision', () => {
  it('is refused where oneDNN is kept below what computes in it', () => {
    const capped = { engine: 'graph', bf16: 'none' } as const;
    expect(() => checkPrecision(capped, 'bf16')).toThrow(/ONEDNN_MAX_CPU_ISA keeps oneDNN below AVX-512/);
    expect(() => checkPrecision(capped, 'fp32')).not.toThrow();
    for (const bf16 of ['unit', 'slow'] as const)
      expect(() => checkPrecision({ engine: 'graph', bf16 }, 'bf16')).not.toThrow();
    // The portable engine says itself that it computes in fp32 alone.
    expect(() => checkPrecision({ engine: 'portable', bf16: 'none' }, 'bf16')).not.toThrow();
  });
});
