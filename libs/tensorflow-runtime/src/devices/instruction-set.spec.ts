import { describe, expect, it } from '@jest/globals';
import { bf16Support, bf16Unit, instructionSet, kernelLibrary, parseCpuFlags } from './instruction-set.js';

const AVX512 = 'processor : 0\nflags\t\t: fpu sse2 avx avx2 avx512f avx512bw avx512vl avx512dq avx512_vnni\n';

describe('the instruction set of a fingerprint', () => {
  it('is that of the processor', () => {
    expect(instructionSet(parseCpuFlags(AVX512), undefined)).toBe('avx512');
    expect(instructionSet(parseCpuFlags('flags : sse2 avx avx2'), undefined)).toBe('avx2');
    expect(instructionSet(parseCpuFlags('Features : fp asimd'), undefined)).toBe('neon');
    expect(instructionSet(parseCpuFlags(''), undefined)).toBe('baseline');
  });

  it('is the same on mixed machines that are capped at AVX2', () => {
    expect(instructionSet(parseCpuFlags(AVX512), 'AVX2')).toBe('avx2');
    expect(instructionSet(parseCpuFlags('flags : avx2'), 'AVX2')).toBe('avx2');
  });

  it('names what multiplies numbers of 16 bits', () => {
    const [none, avx512, amx] = ['', ' avx512_bf16', ' avx512_bf16 amx_bf16'].map((more) =>
      parseCpuFlags(AVX512.trimEnd() + more),
    );
    const caps = [undefined, 'AVX512_CORE_BF16', 'AVX512_CORE_VNNI', 'AVX2'];
    const units = [none, avx512, amx].map((flags) => caps.map((cap) => bf16Unit(flags ?? new Set(), cap)));
    expect(units).toEqual([
      ['none', 'none', 'none', 'none'],
      ['avx512', 'avx512', 'none', 'none'],
      ['amx', 'avx512', 'none', 'none'],
    ]);
    expect(bf16Unit(parseCpuFlags('flags : avx2 avx512_bf16'), undefined)).toBe('none');
  });

  it('says how a CPU computes in bf16, and where it cannot', () => {
    const withUnit = parseCpuFlags(`${AVX512.trimEnd()} avx512_bf16`);
    const supports = (flags: ReadonlySet<string>): string[] =>
      [undefined, 'AVX512_CORE', 'AVX2', 'SSE41'].map((cap) => bf16Support(flags, cap, 'onednn'));
    expect(supports(withUnit)).toEqual(['unit', 'slow', 'none', 'none']);
    expect(supports(parseCpuFlags(AVX512))).toEqual(['slow', 'slow', 'none', 'none']);
    expect(supports(parseCpuFlags('flags : avx2'))).toEqual(['slow', 'slow', 'slow', 'slow']);
    expect(bf16Support(withUnit, 'AVX2', 'eigen')).toBe('slow');
  });

  it('tells oneDNN’s kernels from TensorFlow’s own', () => {
    expect([undefined, '1', 'true'].map(kernelLibrary)).toEqual(['onednn', 'onednn', 'onednn']);
    expect(['0', 'False'].map(kernelLibrary)).toEqual(['eigen', 'eigen']);
  });
});
