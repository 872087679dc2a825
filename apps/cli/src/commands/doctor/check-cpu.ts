import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { cpuBudget } from '../../local-stack/cpu-budget.js';
import type { Finding } from './finding.js';

/** Cores, and the instruction sets that decide about speed and bits. */
export async function checkCpu(cpuInfoFile = '/proc/cpuinfo'): Promise<readonly Finding[]> {
  const budget = await cpuBudget();
  const cores = availableParallelism();
  const quota = budget < cores ? `, of which the control group pays for ${budget}` : '';
  const text = await readFile(cpuInfoFile, 'utf8').catch(() => '');
  return [{ subject: 'CPU', status: 'ok', detail: `${cores} cores${quota}` }, ...instructionFindings(text)];
}

/** Reads the flags of /proc/cpuinfo; nothing to say where there is none (other systems, other processors). */
export function instructionFindings(cpuInfo: string): readonly Finding[] {
  const line = /^flags\s*:\s*(.*)$/m.exec(cpuInfo)?.[1];
  if (line === undefined) return [];
  const flags = new Set(line.split(/\s+/));
  const known = ['avx2', 'avx512f', 'avx512_vnni', 'avx512_bf16', 'amx_bf16'];
  const present = known.filter((flag) => flags.has(flag));
  const findings: Finding[] = [];
  if (flags.has('avx2')) findings.push({ subject: 'Instructions', status: 'ok', detail: present.join(' ') });
  else {
    const advice = 'fp32 works, several times slower than on a processor with AVX2';
    findings.push({ subject: 'Instructions', status: 'warn', detail: 'no AVX2', advice });
  }
  const hasBf16 = flags.has('amx_bf16') || flags.has('avx512_bf16');
  findings.push(
    hasBf16
      ? { subject: 'bf16', status: 'ok', detail: `in hardware (${flags.has('amx_bf16') ? 'AMX' : 'AVX-512'})` }
      : {
          subject: 'bf16',
          status: 'warn',
          detail: 'neither AMX nor AVX512_BF16',
          advice: 'train with fp32 on this CPU: bf16 works, but slower than fp32',
        },
  );
  return findings;
}
