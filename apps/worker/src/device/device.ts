import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { RecoverableError, RefusedInputError } from '#contracts';
import { configureThreads } from '#tensorflow-runtime';
import type { Logger } from '#telemetry';
import type { Redis } from 'ioredis';
import type { WorkerConfig } from '../config.js';
import type { ProbeReply } from './device-probe-thread.js';
import { GpuClaim, listGpus } from './gpu-claim.js';
import { instructionSet, kernelLibrary, parseCpuFlags } from './instruction-set.js';

/** The device of this worker, its engine, and what the bits depend on. */
export interface Device {
  readonly description: string;
  readonly engine: 'graph' | 'portable';
  readonly numEngines: number;
  readonly fingerprint: string;
  readonly claim: GpuClaim | null;
}

const PROBE_TIMEOUT_MS = 60_000;
/** One more than the engines: decoding runs in the same pool. */
const DECODE_THREADS = 1;

/** Claims a device, sets TensorFlow's environment and looks what is there. Call it before any thread loads TensorFlow. */
export async function openDevice(config: WorkerConfig, redis: Redis, logger: Logger): Promise<Device> {
  const claim = await claimGpu(config, redis);
  process.env['CUDA_VISIBLE_DEVICES'] = claim ? claim.gpu.uuid : '';
  const numEngines = config.SKIPLANE_ENGINES ?? (claim ? 1 : availableParallelism());
  configureThreads({ engines: numEngines + DECODE_THREADS });
  if (claim) Object.assign(process.env, { TF_DETERMINISTIC_OPS: '1', TF_CUDNN_USE_AUTOTUNE: '0' });
  const reply: ProbeReply =
    config.SKIPLANE_ENGINE === 'portable' ? { ok: false, message: 'SKIPLANE_ENGINE=portable' } : await probe();
  const isa = instructionSet(
    parseCpuFlags(await readFile('/proc/cpuinfo', 'utf8').catch(() => '')),
    process.env['ONEDNN_MAX_CPU_ISA'],
  );
  if (!reply.ok) {
    if (config.SKIPLANE_ENGINE === 'graph') throw new RefusedInputError(`SKIPLANE_ENGINE=graph, but ${reply.message}`);
    logger.warn({ reason: reply.message }, 'portable-engine: TensorFlow is not used, training is many times slower');
    const fingerprint = `portable/node-${process.versions.node}/${process.arch}`;
    return { description: `CPU x ${numEngines} (portable engine)`, engine: 'portable', numEngines, fingerprint, claim };
  }
  const kernels = kernelLibrary(process.env['TF_ENABLE_ONEDNN_OPTS']);
  const place = claim && reply.isGpu ? claim.gpu.name.replaceAll(' ', '-') : `cpu/${process.arch}/${isa}/${kernels}`;
  return {
    description: claim && reply.isGpu ? `GPU ${claim.gpu.index} ${claim.gpu.name}` : `CPU x ${numEngines}`,
    engine: 'graph',
    numEngines,
    fingerprint: `graph/tensorflow-${reply.version}/${place}`,
    claim,
  };
}

async function claimGpu(config: WorkerConfig, redis: Redis): Promise<GpuClaim | null> {
  if (config.SKIPLANE_DEVICE === 'cpu') return null;
  const gpus = await listGpus();
  if (config.SKIPLANE_DEVICE === 'auto') {
    if (gpus.length === 0) return null;
    const claim = await GpuClaim.take(gpus, redis, config.SKIPLANE_WORKER_ID);
    // Another worker may be on its way out: the process manager starts us again until a GPU is free.
    if (!claim)
      throw new RecoverableError(
        `all ${gpus.length} GPUs are taken by other workers; start fewer workers or set SKIPLANE_DEVICE=cpu`,
      );
    return claim;
  }
  const wanted = gpus.filter((gpu) => gpu.index === Number(config.SKIPLANE_DEVICE));
  if (wanted.length === 0) {
    throw new RefusedInputError(`SKIPLANE_DEVICE=${config.SKIPLANE_DEVICE}, but the driver shows ${gpus.length} GPUs`);
  }
  const claim = await GpuClaim.take(wanted, redis, config.SKIPLANE_WORKER_ID);
  if (!claim) throw new RecoverableError(`GPU ${config.SKIPLANE_DEVICE} is taken by another worker`);
  return claim;
}

function probe(): Promise<ProbeReply> {
  return new Promise((resolve) => {
    const thread = new Worker(new URL('./device-probe-thread.js', import.meta.url));
    const settle = (reply: ProbeReply): void => {
      clearTimeout(timeout);
      resolve(reply);
    };
    const timeout = setTimeout(() => {
      void thread.terminate();
      settle({ ok: false, message: `TensorFlow did not load within ${PROBE_TIMEOUT_MS / 1000} s` });
    }, PROBE_TIMEOUT_MS);
    thread.once('message', settle);
    thread.once('error', (error) => settle({ ok: false, message: String(error) }));
    thread.once('exit', (code) => settle({ ok: false, message: `the probe ended with code ${code}` }));
  });
}
