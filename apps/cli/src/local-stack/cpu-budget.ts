import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';

/** Cores this process may use: those it may run on, and not more than its control group's quota pays for. */
export async function cpuBudget(cpuMaxFile = '/sys/fs/cgroup/cpu.max'): Promise<number> {
  const cores = availableParallelism();
  const text = await readFile(cpuMaxFile, 'utf8').catch(() => 'max');
  const [quota, period] = text.trim().split(/\s+/);
  if (quota === undefined || quota === 'max') return cores;
  const paid = Math.floor(Number(quota) / Number(period ?? '100000'));
  return Math.max(1, Math.min(cores, Number.isFinite(paid) ? paid : cores));
}
