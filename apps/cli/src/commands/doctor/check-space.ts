import { readFile, statfs } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { dirname } from 'node:path';
import type { Finding } from './finding.js';

const GIB = 2 ** 30;
/** A ResNet-50 worker at batch 8 takes some 2 GiB, Redis and coordinator some 0.3. */
const LEAST_MEMORY_BYTES = 3 * GIB;
/** A checkpoint of ResNet-50 with momentum is 0.2 GB, three are kept per run, and Redis rewrites its file. */
const LEAST_DISK_BYTES = 2 * GIB;
const LEAST_SHARED_MEMORY_BYTES = GIB / 4;

/** Memory with the control group's limit, disk of the data directory, shared memory. */
export async function checkSpace(dataDirectory: string): Promise<readonly Finding[]> {
  const findings = [await checkMemory()];
  const disk = await freeBytes(dataDirectory);
  findings.push(
    spaceFinding(
      { subject: 'Disk', what: `free for ${dataDirectory}`, bytes: disk, least: LEAST_DISK_BYTES },
      'make room or set SKIPLANE_DATA_DIR',
    ),
  );
  if (process.platform === 'linux') {
    const shared = {
      subject: 'Shared memory',
      what: 'free in /dev/shm',
      bytes: await freeBytes('/dev/shm'),
      least: LEAST_SHARED_MEMORY_BYTES,
    };
    findings.push(spaceFinding(shared, 'in a container: docker run --shm-size=1g (NCCL between GPUs uses it)'));
  }
  return findings;
}

async function checkMemory(): Promise<Finding> {
  const text = await readFile('/sys/fs/cgroup/memory.max', 'utf8').catch(() => 'max');
  const limit = text.trim() === 'max' ? Number.POSITIVE_INFINITY : Number(text);
  const total = totalmem();
  const bytes = Math.min(total, limit);
  const what = limit < total ? 'by the control group' : 'in all';
  return spaceFinding(
    { subject: 'Memory', what, bytes, least: LEAST_MEMORY_BYTES },
    'use few workers and small batches',
  );
}

interface Space {
  readonly subject: string;
  readonly what: string;
  readonly bytes: number | undefined;
  readonly least: number;
}

/** Judges one amount of space. */
export function spaceFinding(space: Space, advice: string): Finding {
  const { subject, what, bytes, least } = space;
  if (bytes === undefined) return { subject, status: 'warn', detail: `cannot be seen (${what})` };
  const detail = `${(bytes / GIB).toFixed(1)} GiB ${what}`;
  return bytes >= least ? { subject, status: 'ok', detail } : { subject, status: 'warn', detail, advice };
}

/** Of the file system that holds the folder or, where it is not made yet, its nearest parent. */
async function freeBytes(folder: string): Promise<number | undefined> {
  const found = await statfs(folder).catch(() => undefined);
  if (found !== undefined) return found.bavail * found.bsize;
  return dirname(folder) === folder ? undefined : await freeBytes(dirname(folder));
}
