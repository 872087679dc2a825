import { judged, type CheckPart } from '../check-part.js';
import { gpuMemoryUsed, processMemory } from '../process-memory.js';
import type { TrainingRuns } from '../training-runs.js';

/**
 * A second run of the same kind finds everything loaded. The allocator keeps memory for each thread, so resident memory
 * rises and falls by up to 200 MiB from run to run and settles after six to ten; what keeps more than that is a leak.
 */
const ALLOWED_GROWTH = 1.25;
const ALLOWED_BYTES = 256 * 2 ** 20;

/** Memory of the workers, two where there are two devices, and that a second run of the same kind takes no more. */
export const memory: CheckPart = {
  name: 'memory',
  title: 'memory of two workers, and that a second run takes no more',
  limitSeconds: 120,
  run: async ({ runs, target }) => {
    const numWorkers = target.numDevices > 1 ? 2 : 1;
    if (numWorkers === 2) await runs.onTwo();
    else await runs.killed();
    const before = await measured(runs);
    if (numWorkers === 2) await runs.onTwo('again');
    else await runs.oneAgain();
    const after = await measured(runs);
    const workers = after.workers.map((late) => {
      const early = before.workers.find(({ pid }) => pid === late.pid);
      return { ...late, residentGrowthBytes: late.residentBytes - (early?.residentBytes ?? Number.NaN), early };
    });
    const grown = workers.filter(
      ({ early, residentBytes, residentGrowthBytes }) =>
        early !== undefined &&
        residentGrowthBytes > ALLOWED_BYTES &&
        residentBytes > early.residentBytes * ALLOWED_GROWTH,
    );
    const faults = [
      ...(workers.length === numWorkers ? [] : [`${workers.length} workers, expected ${numWorkers}`]),
      ...workers.filter(({ early }) => early === undefined).map(({ pid }) => `process ${pid} was started in between`),
      ...grown.map(({ pid, residentGrowthBytes }) => `process ${pid} grew by ${mebibytes(residentGrowthBytes)}`),
    ];
    const each = workers.map(
      ({ residentBytes, residentGrowthBytes, gpuBytes }) =>
        `${mebibytes(residentBytes)} (${residentGrowthBytes < 0 ? '' : '+'}${mebibytes(residentGrowthBytes)})${gpuBytes === null ? '' : `, on the GPU ${mebibytes(gpuBytes)}`}`,
    );
    const gpus = after.gpus.map((bytes, index) => `GPU ${index} ${mebibytes(bytes)} used`);
    const lone = numWorkers === 1 ? ['one worker: a device takes one process'] : [];
    const data = {
      workers: workers.map(({ pid, residentBytes, residentGrowthBytes, gpuBytes }) => ({
        pid,
        residentBytes,
        residentGrowthBytes,
        gpuBytes,
      })),
      gpuUsedBytes: after.gpus,
      gpuGrowthBytes: after.gpus.map((bytes, index) => bytes - (before.gpus[index] ?? Number.NaN)),
    };
    return judged(faults, [...each, ...gpus, ...lone].join('; '), data);
  },
};

async function measured(runs: TrainingRuns): Promise<{
  readonly workers: Awaited<ReturnType<typeof processMemory>>;
  readonly gpus: readonly number[];
}> {
  const processes = (await runs.world())?.stack.workers() ?? [];
  const pids = processes.flatMap(({ pid }) => pid ?? []);
  return { workers: await processMemory(pids), gpus: await gpuMemoryUsed() };
}

const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;
