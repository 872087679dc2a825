import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { runMetricsSchema } from '#contracts';
import { newId } from '../../apps/coordinator/src/storage/new-id.js';
import { CoordinatorProcess } from './coordinator-process.js';
import type { Figure } from './figure.js';
import { makeLongRun, SPIKE, type Ending } from './make-long-run.js';
import { slowest } from './slowest.js';

const SKIPLANE = fileURLToPath(new URL('../../../apps/cli/bin/skiplane.mjs', import.meta.url));
const ENDINGS: readonly Ending[] = ['finished', 'paused'];
const REPEATS = 5;
const AT_ONCE = 6;
const POINTS = 1_000;
const MB = 2 ** 20;

/** A run of so many steps that is over, and one that is not. `dataDirectory` is the coordinator's, and empty. */
export async function measureLong(dataDirectory: string, redisUrl: string, numSteps: number): Promise<Figure[]> {
  const ids: string[] = [];
  for (const [index, ending] of ENDINGS.entries()) {
    const id = newId(Date.UTC(2026, 0, 1, 0, index));
    ids.push(id);
    await makeLongRun(dataDirectory, id, numSteps, ending);
  }
  const figures: Figure[] = [];
  const add = (what: string, value: number, unit: Figure['unit'], goal: number | null): void => {
    figures.push({ what, size: numSteps, value, unit, goal });
  };
  await using coordinator = await CoordinatorProcess.start(dataDirectory, redisUrl);
  add('start with two long runs', coordinator.startMs, 'ms', 3_000);
  add('memory after the start', (await coordinator.memory()).now / MB, 'MB', 300);
  for (const [index, id] of ids.entries()) {
    const zooms = zoomsOf(numSteps).map((range) => `/v1/runs/${id}/metrics?points=${POINTS}&${range}`);
    add(`metrics, ${ENDINGS[index]}, first request`, (await coordinator.get(zooms[0] ?? '')).ms, 'ms', null);
    const sixAtOnce = async (): Promise<void> => {
      await Promise.all(Array.from({ length: AT_ONCE }, () => coordinator.get(zooms[0] ?? '')));
    };
    for (let warmUp = 0; warmUp < REPEATS; warmUp += 1) {
      await slowest(coordinator, zooms);
      await sixAtOnce();
    }
    const before = (await coordinator.memory()).peak;
    const { median, most, answers } = await slowest(
      coordinator,
      zooms.flatMap((zoom) => Array<string>(REPEATS).fill(zoom)),
    );
    add(`metrics, ${ENDINGS[index]}, median of zooms`, median, 'ms', 50);
    add(`metrics, ${ENDINGS[index]}, slowest of zooms`, most, 'ms', null);
    const whole = runMetricsSchema.parse(answers[0]?.body);
    if (!whole.steps.some(({ loss }) => loss === SPIKE.loss))
      throw new Error(`the spike at step ${SPIKE.step} is lost`);
    await sixAtOnce();
    add(
      `metrics, ${ENDINGS[index]}, memory of six at once`,
      ((await coordinator.memory()).peak - before) / MB,
      'MB',
      AT_ONCE * 5,
    );
    add(
      `page of the run, ${ENDINGS[index]}`,
      (await slowest(coordinator, Array<string>(REPEATS).fill(`/v1/runs/${id}`))).median,
      'ms',
      50,
    );
  }
  add('skiplane verify', await verifyMs(coordinator.url, ids[0] ?? ''), 'ms', 10_000);
  return figures;
}

/** Ranges of steps as a person zooms in: all, a tenth, a hundredth, the newest ones. */
function zoomsOf(numSteps: number): string[] {
  const part = (from: number, share: number): string =>
    `from=${Math.max(1, Math.floor(numSteps * from))}&to=${Math.max(2, Math.floor(numSteps * (from + share)))}`;
  return [`from=1`, part(0.4, 0.1), part(0.733, 0.01), `from=${Math.max(1, numSteps - 500)}`];
}

async function verifyMs(url: string, id: string): Promise<number> {
  const begun = performance.now();
  const child = spawn(process.execPath, [SKIPLANE, 'verify', id, '--url', url, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const output of [child.stdout, child.stderr])
    output.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`skiplane verify ended with code ${code}: ${said}`);
  return performance.now() - begun;
}
