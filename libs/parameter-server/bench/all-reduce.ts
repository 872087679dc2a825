/**
 * Milliseconds of one all-reduce over loopback: N workers and M parameter servers, a process each, the way a run does it.
 *
 *   node dist/libs/parameter-server/bench/all-reduce.js --workers 2 --servers 2 --elements 25557032 --rounds 9
 *
 * `--wire bf16` sends half the bytes, `--path socket` keeps payloads out of shared memory. A round begins when every worker has the root of the round before (a barrier), and ends when the last has its own.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ParameterServer } from '../src/server/server.js';
import { ParameterServerClient } from '../src/client/client.js';
import { silentLogger } from '#telemetry';
import { z } from 'zod';

const { values } = parseArgs({
  options: {
    workers: { type: 'string', default: '2' },
    servers: { type: 'string', default: '2' },
    elements: { type: 'string', default: '25557032' },
    rounds: { type: 'string', default: '9' },
    wire: { type: 'string', default: 'fp32' },
    path: { type: 'string', default: 'shared' },
    role: { type: 'string', default: 'main' },
    index: { type: 'string', default: '0' },
    addresses: { type: 'string', default: '' },
  },
});
const numbers = z.object({
  workers: z.coerce.number(),
  servers: z.coerce.number(),
  elements: z.coerce.number(),
  rounds: z.coerce.number(),
  wire: z.enum(['fp32', 'bf16']),
  path: z.enum(['shared', 'socket']),
});
const { workers, servers, elements, rounds, wire, path } = numbers.parse(values);
/** Rounds until V8 has compiled what a round runs: a training run has thousands of them. */
const WARM_UP = 15;

function start(role: string, ...more: readonly string[]): ChildProcess {
  const flags = ['workers', 'servers', 'elements', 'rounds', 'wire', 'path'].map(
    (name) => `--${name}=${values[name as 'workers']}`,
  );
  return fork(fileURLToPath(import.meta.url), [...flags, `--role=${role}`, ...more]);
}

async function message(child: ChildProcess | NodeJS.Process): Promise<unknown> {
  return await new Promise((resolve) => child.once('message', resolve));
}

/** Processor time of this process so far. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

async function serve(): Promise<void> {
  const server = new ParameterServer({ port: 0, logger: silentLogger() });
  await server.start();
  process.send?.(server.address);
  // Asked at the beginning and at the end of the measured rounds.
  process.on('message', () => process.send?.(cpuMs()));
}

async function work(): Promise<void> {
  const lane = Number(values.index);
  let arrived: (root: Float32Array) => void = () => undefined;
  const client = new ParameterServerClient({
    servers: values.addresses.split(','),
    runId: 'bench',
    incarnation: 1,
    workerId: `worker-${lane}`,
    lanes: workers,
    token: null,
    sharesMemory: path === 'shared',
    logger: silentLogger(),
    listener: {
      root: (_round, vector) => arrived(vector),
      participants: () => undefined,
      provideState: async () => Promise.resolve(null),
    },
  });
  await client.connect();
  // As an engine's gradient lies.
  let vector: Float32Array = new Float32Array(new SharedArrayBuffer(elements * 4)).fill(lane + 1);
  for (let round = 0; round < rounds + WARM_UP; round += 1) {
    client.ready(round);
    process.send?.('ready');
    await message(process);
    const cpuBefore = cpuMs();
    const root = new Promise<Float32Array>((resolve) => {
      arrived = resolve;
    });
    client.push(round, { lo: lane, hi: lane + 1 }, vector, wire === 'bf16' ? elements : 0);
    vector = await root;
    if (vector[elements - 1] !== (workers * (workers + 1)) / 2) throw new Error(`wrong sum: ${vector[elements - 1]}`);
    process.send?.(cpuMs() - cpuBefore);
    await message(process);
    // The engine would hand in a new gradient; the memory of the root does as well.
    vector.fill(lane + 1);
  }
  await client.leave();
  process.disconnect();
}

/** Adds up the numbers among some messages. */
function sum(messages: readonly unknown[]): number {
  return messages.reduce<number>((total, value) => total + (typeof value === 'number' ? value : 0), 0);
}

async function main(): Promise<void> {
  const serverProcesses = Array.from({ length: servers }, () => start('server'));
  const addresses = (await Promise.all(serverProcesses.map(message))).join(',');
  const workerProcesses = Array.from({ length: workers }, (_, index) =>
    start('worker', `--index=${index}`, `--addresses=${addresses}`),
  );
  const all = async (): Promise<number> => sum(await Promise.all(workerProcesses.map(message)));
  const serverCpu = async (): Promise<number> => {
    for (const server of serverProcesses) server.send('cpu');
    return sum(await Promise.all(serverProcesses.map(message)));
  };
  const tell = (): void => workerProcesses.forEach((worker) => worker.send('go'));
  const times: number[] = [];
  let workerCpu = 0;
  let serverCpuBefore = 0;
  for (let round = 0; round < rounds + WARM_UP; round += 1) {
    await all();
    if (round === WARM_UP) serverCpuBefore = await serverCpu();
    const began = performance.now();
    tell();
    const spent = await all();
    if (round >= WARM_UP) {
      times.push(performance.now() - began);
      workerCpu += spent;
    }
    tell();
  }
  const serverCpuSpent = (await serverCpu()) - serverCpuBefore;
  times.sort((a, b) => a - b);
  const round = (value: number | undefined): number => Math.round((value ?? 0) * 10) / 10;
  process.stdout.write(
    `${JSON.stringify({
      workers,
      servers,
      elements,
      rounds,
      wire,
      path,
      msMedian: round(times[times.length >> 1]),
      msMin: round(times[0]),
      workerCpuMs: round(workerCpu / rounds / workers),
      serverCpuMs: round(serverCpuSpent / rounds / servers),
      cpuMs: round((workerCpu + serverCpuSpent) / rounds),
    })}\n`,
  );
  for (const server of serverProcesses) server.kill();
}

// Who measures is gone.
if (values.role !== 'main') process.once('disconnect', () => process.exit());
if (values.role === 'server') await serve();
else if (values.role === 'worker') await work();
else await main();
