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

/**
 * What multiplies numbers of 16 bits on a CPU, which the bits of a bf16 run depend on: AMX, AVX512_BF16, or fp32 in its
 * place (`none`), slower than fp32 throughout. `ONEDNN_MAX_CPU_ISA` takes units away.
 */
export function bf16Unit(cpuFlags: ReadonlySet<string>, maxIsa: string | undefined): 'amx' | 'avx512' | 'none' {
  const cap = maxIsa?.toUpperCase();
  if (instructionSet(cpuFlags, maxIsa) !== 'avx512') return 'none';
  if (cap === 'AVX512_CORE' || cap === 'AVX512_CORE_VNNI') return 'none';
  if (cpuFlags.has('amx_bf16') && cap?.startsWith('AVX') !== true) return 'amx';
  return cpuFlags.has('avx512_bf16') ? 'avx512' : 'none';
}

/**
 * How a CPU computes in bf16: by a unit of its own, `slow` by way of fp32, or not at all. TensorFlow asks the processor for
 * AVX-512 and hands bf16 convolutions to oneDNN, which has none below AVX-512 (tried: "could not create a primitive
 * descriptor"), where `ONEDNN_MAX_CPU_ISA` keeps it.
 */
export function bf16Support(
  cpuFlags: ReadonlySet<string>,
  maxIsa: string | undefined,
  kernels: 'onednn' | 'eigen',
): 'unit' | 'slow' | 'none' {
  if (bf16Unit(cpuFlags, maxIsa) !== 'none') return 'unit';
  const isKeptBelow = cpuFlags.has('avx512f') && instructionSet(cpuFlags, maxIsa) !== 'avx512';
  return kernels === 'onednn' && isKeptBelow ? 'none' : 'slow';
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
