import { readFile } from 'node:fs/promises';
import { hostname, availableParallelism } from 'node:os';
import {
  bf16Support,
  bf16Unit,
  claimDevice,
  claimDevices,
  configureThreads,
  deviceEnvironment,
  devicesInGraph,
  devicesName,
  DeviceRefusedError,
  findDevices,
  instructionSet,
  kernelLibrary,
  linkedLibraries,
  parseCpuFlags,
  probeTensorflow,
  type ClaimedDevices,
} from '#tensorflow-runtime';
import type { Logger } from '#telemetry';
import type { Redis } from 'ioredis';
import type { WorkerConfig } from '../config.js';
import { BitsMode } from './bits-mode.js';
import { usualDataThreads } from './data-threads.js';
import { gpuFingerprint } from './gpu-fingerprint.js';
import { takeGpuLease } from './gpu-lease.js';

/** The device of this worker, or its devices, their engine, and what the bits depend on. */
export interface Device {
  readonly description: string;
  readonly engine: 'graph' | 'portable';
  readonly numEngines: number;
  /** Devices that share its lanes, as TensorFlow names them; none where it has one. */
  readonly devices: readonly string[];
  /** Threads that decode images for training. */
  readonly numDataThreads: number;
  readonly fingerprint: string;
  /** How the graph engine computes in bf16: by a unit of its own, `slow` by way of fp32, or not at all. */
  readonly bf16: 'unit' | 'slow' | 'none';
  /** What its user should know while it computes all the same; null: nothing. */
  readonly warning: string | null;
  readonly bits: BitsMode;
  /** Null on a CPU. */
  readonly claim: ClaimedDevices | null;
}

/**
 * Claims a device or several, sets TensorFlow's environment and looks what is there, in a process of its own: this one loads
 * TensorFlow at its first run.
 * @throws DeviceRefusedError where a GPU should be computed on and cannot be; nothing stays claimed
 */
export async function openDevice(config: WorkerConfig, redis: Redis, logger: Logger): Promise<Device> {
  const { claim, numGpus } = await claimGpu(config, redis);
  try {
    for (const warning of claim?.warnings ?? []) logger.warn({ warning }, 'device-warning');
    const device = await examine(config, claim, numGpus);
    const { reason } = device;
    if (reason !== null) {
      logger.warn({ reason }, 'portable-engine: TensorFlow is not used, training is many times slower');
    }
    return { ...device, claim };
  } catch (error) {
    await claim?.release();
    throw error;
  }
}

interface Claim {
  /** Null: it computes on the CPU. */
  readonly claim: ClaimedDevices | null;
  /** Devices of the host that workers may claim. */
  readonly numGpus: number;
}

async function claimGpu(config: WorkerConfig, redis: Redis): Promise<Claim> {
  const { SKIPLANE_DEVICE: device, SKIPLANE_DEVICES: set, SKIPLANE_WORKER_ID: workerId } = config;
  const visible = config.CUDA_VISIBLE_DEVICES;
  // It computes on CPUs alone.
  if (config.SKIPLANE_ENGINE === 'portable') return { claim: null, numGpus: 0 };
  const found = await findDevices({ device, devices: set, visible });
  const numGpus = found.devices.length;
  if (numGpus === 0) return { claim: null, numGpus };
  const holder = `worker ${workerId}, process ${process.pid} on ${hostname()}`;
  const claim = set ? claimDevices : claimDevice;
  return { claim: await claim(found, holder, (one) => takeGpuLease(one, redis, workerId)), numGpus };
}

/** `reason`: why TensorFlow is not used. */
type Examined = Omit<Device, 'claim'> & { readonly reason: string | null };

async function examine(config: WorkerConfig, claim: ClaimedDevices | null, numGpus: number): Promise<Examined> {
  const claimed = claim?.devices ?? [];
  Object.assign(process.env, deviceEnvironment(claimed));
  const numEngines = claim
    ? (config.SKIPLANE_ENGINES ?? 1) * claimed.length
    : (config.SKIPLANE_ENGINES ?? availableParallelism());
  const numDataThreads =
    config.SKIPLANE_DATA_THREADS ?? usualDataThreads(numGpus, availableParallelism(), claimed.length);
  // Decoding runs in the same pool.
  configureThreads({ engines: numEngines + numDataThreads });
  const devices = claimed.length > 1 ? devicesInGraph(claimed) : [];
  const common = {
    numEngines,
    devices,
    numDataThreads,
    bits: new BitsMode(claim !== null),
    warning: claim?.warnings.join('; ') || null,
  };
  const probe =
    config.SKIPLANE_ENGINE === 'portable' ? 'SKIPLANE_ENGINE=portable' : await probeTensorflow(undefined, devices);
  const [first] = claimed;
  if (first) {
    const name = devicesName(claimed);
    const fault = typeof probe === 'string' ? probe : whyNoGpu(probe);
    if (typeof probe === 'string' || fault !== null) {
      throw new DeviceRefusedError(`${name} was claimed, but TensorFlow does not compute on it: ${fault}`);
    }
    const { version: tensorflow } = probe;
    const libraries = await linkedLibraries();
    const tf32Override = process.env['NVIDIA_TF32_OVERRIDE'];
    const fingerprint = gpuFingerprint({ tensorflow, device: first, libraries, tf32Override });
    return { ...common, description: name, engine: 'graph', fingerprint, bf16: 'unit', reason: null };
  }
  if (typeof probe === 'string') {
    if (config.SKIPLANE_ENGINE === 'graph') throw new DeviceRefusedError(`SKIPLANE_ENGINE=graph, but ${probe}`);
    const fingerprint = `portable/node-${process.versions.node}/${process.arch}`;
    const description = `CPU x ${numEngines} (portable engine)`;
    return { ...common, description, engine: 'portable', fingerprint, bf16: 'none', reason: probe };
  }
  const flags = parseCpuFlags(await readFile('/proc/cpuinfo', 'utf8').catch(() => ''));
  const maxIsa = process.env['ONEDNN_MAX_CPU_ISA'];
  const isa = instructionSet(flags, maxIsa);
  const unit = bf16Unit(flags, maxIsa);
  const kernels = kernelLibrary(process.env['TF_ENABLE_ONEDNN_OPTS']);
  const fingerprint = `graph/tensorflow-${probe.version}/cpu/${process.arch}/${isa}/${kernels}/bf16-${unit}`;
  return {
    ...common,
    description: `CPU x ${numEngines}`,
    engine: 'graph',
    fingerprint,
    bf16: bf16Support(flags, maxIsa, kernels),
    reason: null,
  };
}

function whyNoGpu({ usesGpu, refusal }: Exclude<Awaited<ReturnType<typeof probeTensorflow>>, string>): string | null {
  return usesGpu ? refusal : 'it sees none; `skiplane doctor` checks library and driver';
}
