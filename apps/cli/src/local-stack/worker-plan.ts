import { RefusedInputError } from '#contracts';

/** What the workers of a stack run on. */
export interface WorkerPlan {
  readonly workers: number;
  /** Lanes at once of one worker; null on GPUs, where the worker knows best. */
  readonly engines: number | null;
  /** What each worker gets as SKIPLANE_DEVICE: `cpu`, or what it claims a GPU of its own by, or several. */
  readonly device: string;
}

export interface WorkerPlanRequest {
  readonly workers: number | undefined;
  readonly engines: number | undefined;
  /** SKIPLANE_DEVICE. */
  readonly device: string;
  /** SKIPLANE_DEVICES are set: one worker has all devices that may be claimed. */
  readonly isOneWorker: boolean;
  readonly cores: number;
  /** Devices that may be claimed; null: there should be some, and none can be used, which every worker says itself. */
  readonly gpus: number | null;
}

/** One worker per GPU, or one that has several; without GPUs one worker, or several that split the cores. */
export function planWorkers(request: WorkerPlanRequest): WorkerPlan {
  const { gpus, device, isOneWorker } = request;
  const workers = request.workers ?? (isOneWorker ? 1 : Math.max(1, gpus ?? 0));
  if (isOneWorker && workers > 1) {
    const message = `${workers} workers were asked for, but SKIPLANE_DEVICES gives all its devices to one`;
    throw new RefusedInputError(`${message}. Ask for one, or unset it: each worker has a GPU of its own`, [
      { path: '--workers', message },
    ]);
  }
  if (gpus !== null && gpus > 0 && workers > gpus) {
    const message = `${workers} workers were asked for, but there ${gpus === 1 ? 'is 1 GPU' : `are ${gpus} GPUs`} to claim, one for each worker`;
    throw new RefusedInputError(`${message}. Ask for fewer, or use --device cpu`, [{ path: '--workers', message }]);
  }
  if (gpus !== 0) return { workers, engines: request.engines ?? null, device };
  return {
    workers,
    engines: request.engines ?? Math.max(1, Math.floor(request.cores / Math.max(1, workers))),
    device: 'cpu',
  };
}

/**
 * glibc hands the memory of large tensors back to the kernel after every operation, which then has to clear it again:
 * some 5 % of a ResNet-50 step. Pages of 2 MiB are asked for: while the memory grows, in the first five steps, a page of 4 KiB
 * at a time costs a sixth of the time. Read when a process starts, so it cannot be set any later.
 */
export const KEEP_MEMORY = {
  MALLOC_MMAP_THRESHOLD_: String(2 ** 32),
  MALLOC_TRIM_THRESHOLD_: String(2 ** 33),
  MALLOC_TOP_PAD_: String(2 ** 26),
  GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1',
} as const;

/** The environment of a worker. */
export function workerEnvironment(plan: WorkerPlan, workerId: string): Record<string, string> {
  const common = { SKIPLANE_WORKER_ID: workerId };
  if (plan.device !== 'cpu') {
    const engines: Record<string, string> = plan.engines === null ? {} : { SKIPLANE_ENGINES: String(plan.engines) };
    return { ...common, ...engines, ...KEEP_MEMORY, SKIPLANE_DEVICE: plan.device };
  }
  const engines = plan.engines ?? 1;
  return {
    ...common,
    SKIPLANE_DEVICE: 'cpu',
    SKIPLANE_DEVICES: '',
    SKIPLANE_ENGINES: String(engines),
    // A lane computes with one thread, else its bits would depend on the machine; decoding has the one thread more.
    TF_NUM_INTRAOP_THREADS: '1',
    TF_NUM_INTEROP_THREADS: String(engines + 1),
    OMP_NUM_THREADS: '1',
    ...KEEP_MEMORY,
  };
}
