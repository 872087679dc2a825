/** Entry of `npm run overhead`: what the guarantees cost when nothing fails, on this machine. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEmbeddedRedis } from '#queue';
import { KEEP_MEMORY } from '../../apps/cli/src/local-stack/worker-plan.js';
import { z } from 'zod';
import { measurementSchema, type Measurement, type PairedRatio } from './measurement.js';
import { readOverheadOptions, scenarios, type OverheadOptions, type Scenario } from './options.js';

const entry = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

async function main(options: OverheadOptions): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'skiplane-overhead-'));
  const redis = await startEmbeddedRedis({ dataDirectory: folder });
  const servers = Array.from({ length: options.servers }, () => fork(entry('./server-process.js')));
  try {
    const addresses = (await Promise.all(servers.map(message))).map(String);
    const measurements: Measurement[] = [];
    for (const scenario of scenarios().filter(({ title }) => title.includes(options.only))) {
      const { minutes, seconds } = options;
      const whole: Scenario = { ...scenario, minutes, seconds, servers: addresses, redisUrl: redis.url };
      const measurement = await measured(whole, servers);
      measurements.push(measurement);
      console.error(overheadText(measurement));
    }
    if (options.json) console.log(JSON.stringify({ measurements }));
  } finally {
    for (const server of servers) server.disconnect();
    await redis.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The next message of a process; rejects when it ends instead. */
async function message(child: ChildProcess): Promise<unknown> {
  const stop = new AbortController();
  const { signal } = stop;
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([said]: unknown[]) => said),
      once(child, 'exit', { signal }).then(([code]) => {
        throw new Error(`a process ended with code ${String(code)}`);
      }),
    ]);
  } finally {
    stop.abort();
  }
}

const saidSchema = z.object({ measurement: measurementSchema.optional() });

/** Runs the measuring process and tells it on the way what the servers have used. */
async function measured(scenario: Scenario, servers: readonly ChildProcess[]): Promise<Measurement> {
  const child = fork(entry('./measure.js'), [JSON.stringify(scenario)], { env: { ...process.env, ...KEEP_MEMORY } });
  for (;;) {
    const { measurement } = saidSchema.parse(await message(child));
    if (measurement) return measurement;
    const used = servers.map(message);
    for (const server of servers) server.send('cpu');
    child.send((await Promise.all(used)).reduce<number>((sum, one) => sum + z.number().parse(one), 0));
  }
}

/** A measurement for people. */
function overheadText(measurement: Measurement): string {
  const { title, bare, worker, wallRatio, cpuRatio, parts, serversCpuMs, redisCpuMs } = measurement;
  const { stepsEach, numPairs } = measurement;
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  const percent = (ratio: number): string => `${((ratio - 1) * 100).toFixed(1)} %`;
  const overhead = ({ median, low, high }: PairedRatio): string =>
    `${percent(median)} (95 %: ${percent(low)} to ${percent(high)})`;
  const share = Object.entries(parts).map(([part, value]) => `${part} ${ms(value)}`);
  return [
    `${title} (${numPairs} pairs of ${stepsEach} steps each)`,
    `  bare loop      ${ms(bare.wallMs)} a step, ${ms(bare.cpuMs)} of processor time`,
    `  worker's path  ${ms(worker.wallMs)} a step, ${ms(worker.cpuMs)} of processor time`,
    `  overhead       ${overhead(wallRatio)} of wall-clock time, ${overhead(cpuRatio)} of processor time`,
    `  of a step      ${share.join(', ')}`,
    `  beside it      parameter servers ${ms(serversCpuMs)}, Redis ${ms(redisCpuMs)} of processor time`,
  ].join('\n');
}

const options = readOverheadOptions(process.argv.slice(2));
if (options !== null) await main(options);
