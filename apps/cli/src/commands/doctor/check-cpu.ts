import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { bf16Support, bf16Unit, instructionSet, kernelLibrary, parseCpuFlags } from '#tensorflow-runtime';
import { cpuBudget } from '../../local-stack/cpu-budget.js';
import type { Finding } from './finding.js';

/** Cores, and the instruction sets that decide about speed and bits. */
export async function checkCpu(cpuInfoFile = '/proc/cpuinfo'): Promise<readonly Finding[]> {
  const budget = await cpuBudget();
  const cores = availableParallelism();
  const quota = budget < cores ? `, of which the control group pays for ${budget}` : '';
  const text = await readFile(cpuInfoFile, 'utf8').catch(() => '');
  const maxIsa = process.env['ONEDNN_MAX_CPU_ISA'] || undefined;
  const kernels = kernelLibrary(process.env['TF_ENABLE_ONEDNN_OPTS']);
  return [
    { subject: 'CPU', status: 'ok', detail: `${cores} cores${quota}` },
    ...instructionFindings(text, { maxIsa, kernels }),
  ];
}

const SHOWN_FLAGS = ['asimd', 'avx2', 'avx512f', 'avx512_vnni', 'avx512_bf16', 'amx_bf16'];

/**
 * What a worker makes of the flags of /proc/cpuinfo, ONEDNN_MAX_CPU_ISA (`maxIsa`) and TF_ENABLE_ONEDNN_OPTS; nothing to say
 * where there are no flags (other systems).
 */
export function instructionFindings(
  cpuInfo: string,
  { maxIsa, kernels = 'onednn' }: { readonly maxIsa?: string | undefined; readonly kernels?: 'onednn' | 'eigen' } = {},
): readonly Finding[] {
  const flags = parseCpuFlags(cpuInfo);
  if (flags.size === 0) return [];
  const cap = maxIsa === undefined ? '' : `, capped by ONEDNN_MAX_CPU_ISA=${maxIsa}`;
  const shown = SHOWN_FLAGS.filter((flag) => flags.has(flag)).join(' ');
  const instructions: Finding =
    instructionSet(flags, maxIsa) === 'baseline'
      ? {
          subject: 'Instructions',
          status: 'warn',
          detail: `no AVX2${cap}`,
          advice: 'fp32 works, several times slower than on a processor with AVX2',
        }
      : { subject: 'Instructions', status: 'ok', detail: `${shown}${cap}` };
  if (bf16Support(flags, maxIsa, kernels) !== 'none') return [instructions, bf16Finding(bf16Unit(flags, maxIsa), cap)];
  const advice = 'train with fp32, or set ONEDNN_MAX_CPU_ISA to AVX512_CORE or more: workers refuse bf16';
  return [instructions, { subject: 'bf16', status: 'warn', detail: `oneDNN has no bf16 convolutions${cap}`, advice }];
}

function bf16Finding(unit: ReturnType<typeof bf16Unit>, cap: string): Finding {
  if (unit !== 'none') {
    return { subject: 'bf16', status: 'ok', detail: `in hardware (${unit === 'amx' ? 'AMX' : 'AVX-512'})${cap}` };
  }
  return {
    subject: 'bf16',
    status: 'warn',
    detail: `neither AMX nor AVX512_BF16${cap}`,
    advice: 'train with fp32 on this CPU: bf16 works, but slower than fp32',
  };
}
