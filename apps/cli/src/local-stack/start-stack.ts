import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { RefusedInputError } from '#contracts';
import { FileLock } from '#files';
import { freePort, startEmbeddedRedis } from '#queue';
import { reachableAt } from '#telemetry';
import { DeviceRefusedError, findDevices } from '#tensorflow-runtime';
import { cpuBudget } from './cpu-budget.js';
import { ExitRecord } from './exit-record.js';
import { readLaunchSettings, type LaunchSettings } from './launch-settings.js';
import { DEFAULT_LOG_LIMITS, LogRotation } from './log-rotation.js';
import { foreignRedis } from './foreign-redis.js';
import { packageRoot } from './package-root.js';
import { ProcessGroup } from './process-group.js';
import { spawnApp } from './spawn-app.js';
import type { Stack, StackOptions, StackProcess } from './stack.js';
import { endOfLog } from './end-of-log.js';
import { waitUntilReady } from './wait-until-ready.js';
import { whyNotFree } from './ports.js';
import { planWorkers, workerEnvironment } from './worker-plan.js';

const DEFAULT_PORT = 3000;
const DEFAULT_PARAMETER_SERVERS = 2;
const READY_TIMEOUT_MS = 60_000;
const LOOPBACK = '127.0.0.1';

/**
 * Starts Redis (unless one is named), the coordinator, parameter servers and workers, and resolves when the coordinator
 * is ready; workers may still be loading. What it started is stopped again if it fails half-way.
 * @throws RefusedInputError for a variable that one of them would refuse, a taken port, a data directory in use or more
 *   workers than GPUs.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const settings = readLaunchSettings({ ...process.env, ...options.env });
  const dataDirectory = resolve(options.dataDirectory);
  const logs = join(dataDirectory, 'logs');
  const lock = await lockData(dataDirectory, logs);
  if (typeof lock === 'string') {
    throw new RefusedInputError(
      `the data directory ${dataDirectory} is in use by ${lock}: stop that stack or name another`,
    );
  }
  const rotation = new LogRotation(logs, options.logLimits ?? DEFAULT_LOG_LIMITS);
  const release = async (): Promise<void> => {
    await rotation.stop();
    await lock.release();
  };
  const exits = new ExitRecord(logs);
  await exits.begin();
  const group = new ProcessGroup(options.restart ?? true, async (exit) => {
    await exits.add(exit.name, exit.reason);
    const next = exit.restartsInMs === null ? 'it stays down' : `again in ${exit.restartsInMs / 1000} s`;
    // Of a kill from outside the log knows nothing.
    const log = exit.wasKilled ? '' : `. ${await endOfLog(join(logs, `${exit.name}.log`))}`;
    options.note?.(`${exit.name} ${exit.reason}; ${next}${log}`);
  });
  try {
    return await assemble({ options, settings, dataDirectory, logs, group, release });
  } catch (error) {
    await group.stop();
    await release();
    throw error;
  }
}

async function lockData(dataDirectory: string, logs: string): Promise<FileLock | string> {
  try {
    await mkdir(logs, { recursive: true });
    return await FileLock.take(join(dataDirectory, 'stack.lock'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const message = `the data directory ${dataDirectory} cannot be written (${why}): set SKIPLANE_DATA_DIR to a folder that this user can write to`;
    throw new RefusedInputError(message, [], { cause: error });
  }
}

interface Assembly {
  readonly options: StackOptions;
  readonly settings: LaunchSettings;
  readonly dataDirectory: string;
  readonly logs: string;
  readonly group: ProcessGroup;
  readonly release: () => Promise<void>;
}

async function assemble(assembly: Assembly): Promise<Stack> {
  const { options, settings, dataDirectory, logs, group } = assembly;
  const { host } = settings;
  const port = await coordinatorPort(options.port ?? DEFAULT_PORT, host);
  const device = options.device ?? settings.device;
  const devices = device === 'cpu' ? undefined : settings.devices;
  const plan = planWorkers({
    workers: options.workers,
    engines: options.engines ?? settings.engines,
    device,
    isOneWorker: devices !== undefined,
    cores: await cpuBudget(),
    gpus: await numDevices(options, { device, devices }),
  });
  const redisUrl =
    options.redisUrl === undefined ? await startRedis(assembly) : await foreignRedis(options.redisUrl, options.note);
  const parameterServerPorts: number[] = [];
  for (let i = 0; i < (options.parameterServers ?? DEFAULT_PARAMETER_SERVERS); i++) {
    parameterServerPorts.push(await freePort());
  }
  const ownAddresses = parameterServerPorts.map((number) => `${LOOPBACK}:${number}`);
  const addresses = (await options.frontParameterServers?.(ownAddresses)) ?? ownAddresses;
  const shared = {
    ...options.env,
    REDIS_URL: redisUrl,
    SKIPLANE_TOKEN: settings.token,
    SKIPLANE_DATA_DIR: dataDirectory,
    SKIPLANE_PARAMETER_SERVERS: addresses.join(','),
  };
  const programs = options.programsDirectory ?? join(packageRoot(), 'dist', 'programs');
  const run = async (app: string, name: string, env: (restarts: number) => Record<string, string>): Promise<void> => {
    const logFile = join(logs, `${name}.log`);
    const entry = join(programs, `${app}.js`);
    await group.add(app, {
      name,
      logFile,
      start: (restarts) => spawnApp(entry, logFile, { ...shared, ...env(restarts) }),
    });
  };
  for (const [i, own] of parameterServerPorts.entries()) {
    const metrics = settings.metricsPort;
    await run('parameter-server', `parameter-server-${i + 1}`, () => ({
      HOST: LOOPBACK,
      PORT: String(own),
      // Two cannot share one port; 0 is any free one.
      ...(metrics === undefined ? {} : { SKIPLANE_METRICS_PORT: String(metrics === 0 ? 0 : metrics + i) }),
    }));
  }
  await run('coordinator', 'coordinator', () => ({ HOST: host, PORT: String(port), SKIPLANE_LOG_DIR: logs }));

  let numWorkersEver = 0;
  // Other machines may use the same Redis, where a worker's name must be its own.
  const prefix = options.redisUrl === undefined ? '' : `${hostname().replaceAll(/[^\w.-]/g, '-')}-`;
  const addWorker = async (own: Readonly<Record<string, string>> = {}): Promise<StackProcess> => {
    numWorkersEver += 1;
    const name = `worker-${numWorkersEver}`;
    // A restarted worker is a newcomer and gets a name of its own, so that nothing is expected of it.
    const id = settings.workerId === undefined ? `${prefix}${name}` : numbered(settings.workerId, numWorkersEver);
    const idFor = (restarts: number): string => `${id}${restarts > 0 ? `.${restarts + 1}` : ''}`;
    await run('worker', name, (restarts) => ({ ...workerEnvironment(plan, idFor(restarts)), ...own }));
    return group.view(name);
  };
  for (let i = 0; i < plan.workers; i++) await addWorker();

  const url = `http://${reachableAt(host, port)}`;
  await waitUntilReady({
    url: `${url}/health/ready`,
    apiKey: settings.apiKey,
    timeoutMs: options.readyTimeoutMs ?? READY_TIMEOUT_MS,
    logFile: join(logs, 'coordinator.log'),
    hasFailed: () => group.firstFailure('coordinator'),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  const stop = async (how: () => Promise<void>): Promise<void> => {
    await how();
    await assembly.release();
  };
  return {
    url,
    redisUrl,
    processes: () => group.views(),
    workers: () => group.views('worker'),
    addWorker,
    removeWorker: (name) => group.remove(name),
    kill: (name, signal = 'SIGKILL') => group.kill(name, signal),
    stop: () => stop(() => group.stop()),
    killAll: (signal = 'SIGKILL') => stop(() => group.killAll(signal)),
    [Symbol.asyncDispose]: () => stop(() => group.stop()),
  };
}

function numbered(workerId: string, number: number): string {
  return number === 1 ? workerId : `${workerId}-${number}`;
}

/**
 * Null where GPUs should be there and cannot be used: workers start all the same and show why.
 * @throws DeviceRefusedError of one that was named
 */
async function numDevices(
  { env, note }: StackOptions,
  { device, devices: set }: Pick<LaunchSettings, 'device' | 'devices'>,
): Promise<number | null> {
  const all = { ...process.env, ...env };
  const path = env?.['PATH'];
  if (all['SKIPLANE_ENGINE'] === 'portable') return 0;
  const wish = {
    device,
    devices: set,
    visible: all['CUDA_VISIBLE_DEVICES'],
    ...(path !== undefined && { driver: { path } }),
  };
  try {
    const { devices, faults } = await findDevices(wish);
    for (const fault of faults) note?.(fault);
    return devices.length;
  } catch (error) {
    if (!(error instanceof DeviceRefusedError) || device !== 'auto' || set) throw error;
    note?.(error.message);
    return null;
  }
}

async function coordinatorPort(wanted: number, host: string): Promise<number> {
  if (wanted === 0) return await freePort();
  const fault = await whyNotFree(wanted, host);
  if (fault === undefined) return wanted;
  const why = fault === 'EADDRINUSE' ? 'is taken by another process' : `cannot be had (${fault})`;
  throw new RefusedInputError(
    `port ${wanted} on ${host} ${why}: stop what uses it, or choose another with --port N or PORT=N`,
    [{ path: '--port', message: why }],
  );
}

async function startRedis({ options, dataDirectory, logs, group }: Assembly): Promise<string> {
  const port = options.redisPort ?? (await freePort());
  const logFile = join(logs, 'redis.log');
  // Always on the same port, so that everybody finds it again after a crash.
  await group.add('redis', {
    name: 'redis',
    logFile,
    start: () => startEmbeddedRedis({ dataDirectory, port, logFile }),
  });
  return `redis://${LOOPBACK}:${port}`;
}
