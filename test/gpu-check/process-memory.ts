import { readFile } from 'node:fs/promises';
import { commandOnPath, runCommand } from '#provision';

/** Memory of one process, bytes. */
export interface ProcessMemory {
  readonly pid: number;
  readonly residentBytes: number;
  /** On GPUs, as the driver tells; null where it does not, as in most containers. */
  readonly gpuBytes: number | null;
}

const SMI_TIMEOUT_MS = 15_000;

/** Reads /proc and asks the driver. */
export async function processMemory(pids: readonly number[]): Promise<readonly ProcessMemory[]> {
  const onGpus = await gpuBytesByPid();
  return await Promise.all(
    pids.map(async (pid) => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8');
      const residentBytes = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? Number.NaN) * 1024;
      return { pid, residentBytes, gpuBytes: onGpus.get(pid) ?? null };
    }),
  );
}

/** Bytes used on each GPU, whoever uses them; empty without a driver. */
export async function gpuMemoryUsed(): Promise<readonly number[]> {
  return (await query('--query-gpu=memory.used')).map(([mebibytes]) => (mebibytes ?? Number.NaN) * 2 ** 20);
}

async function gpuBytesByPid(): Promise<ReadonlyMap<number, number>> {
  const rows = await query('--query-compute-apps=pid,used_memory');
  return new Map(rows.map(([pid = 0, mebibytes = Number.NaN]) => [pid, mebibytes * 2 ** 20]));
}

/** Rows of numbers; one without them, such as `[N/A]`, is left out. */
async function query(what: string): Promise<readonly (readonly number[])[]> {
  const smi = await commandOnPath(['nvidia-smi']);
  if (smi === undefined) return [];
  const output = await runCommand(smi, [what, '--format=csv,noheader,nounits'], { timeoutMs: SMI_TIMEOUT_MS });
  return output
    .split('\n')
    .map((line) => line.split(',').map(Number))
    .filter((row) => row.length > 0 && row.every((value) => Number.isFinite(value) && value > 0));
}
