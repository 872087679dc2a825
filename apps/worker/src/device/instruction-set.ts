/**
 * The instruction-set class that the bits of a CPU's gradients depend on. oneDNN's AVX-512 paths, with or without VNNI,
 * give the same bits; AVX2 gives others. `ONEDNN_MAX_CPU_ISA=AVX2` puts mixed x86 machines into one class.
 */
export function instructionSet(cpuFlags: ReadonlySet<string>, maxIsa: string | undefined): string {
  const hasAvx512 = ['avx512f', 'avx512bw', 'avx512vl', 'avx512dq'].every((flag) => cpuFlags.has(flag));
  const isCapped = maxIsa !== undefined && /^(AVX2|AVX|SSE41|AVX2_VNNI)$/i.test(maxIsa);
  if (hasAvx512 && !isCapped) return 'avx512';
  if (cpuFlags.has('avx2') && !/^(AVX|SSE41)$/i.test(maxIsa ?? '')) return 'avx2';
  if (cpuFlags.has('asimd')) return 'neon';
  return 'baseline';
}

/** Which kernels compute on a CPU: oneDNN's, or TensorFlow's own, whose bits are others. */
export function kernelLibrary(enableOneDnn: string | undefined): 'onednn' | 'eigen' {
  return /^(0|false)$/i.test(enableOneDnn ?? '') ? 'eigen' : 'onednn';
}

/** Flags of the first processor in the text of /proc/cpuinfo; empty where there is none. */
export function parseCpuFlags(cpuinfo: string): ReadonlySet<string> {
  const line = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(cpuinfo);
  return new Set(line?.[1]?.split(/\s+/) ?? []);
}
