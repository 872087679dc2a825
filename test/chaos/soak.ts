/** `npm run soak`: minutes of random kills, hangs, joins and leaves; all weights must be those of the undisturbed run. */
import { parseArgs } from 'node:util';
import { randomStream, type RunView } from '#contracts';
import { isWhole, TrainingStack } from '../support/training-stack.js';
import { disturb } from './disturbances.js';
import { MemoryWatch } from './memory-watch.js';
import { delay } from './scene.js';

const HELP = `Usage: npm run soak -- [options]

Trains a small network undisturbed, and again and again while processes are killed, hung, added and taken away at random.

  --minutes N     of disturbances, at least (default: 30); the run that is under way then is trained to its end, and the
                  undisturbed one takes a tenth of it
  --seed N        of the disturbances (default: 1)
  --json          one JSON line last
  --help

Exit codes: 0 the same weights, a whole ledger and flat memory; 1 not; 2 bad usage.`;

const TRIAL_EPOCHS = 10;
/** A run trained undisturbed takes so much of the time; disturbed it takes two to three times as long. */
const SHARE_OF_RUN = 0.1;
const LEAST_PAUSE_MS = 1_000;
const PAUSE_SPREAD_MS = 7_000;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '30' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
  if (!(minutes > 0) || !Number.isSafeInteger(seed)) throw new TypeError('--minutes and --seed: expected numbers');

  const undisturbed = await undisturbedRun(minutes);
  const { epochs } = undisturbed.spec;
  console.error(`undisturbed: ${undisturbed.progress.step} steps, weights ${undisturbed.weightsSha256}`);
  const begun = performance.now();
  const { views, deeds, memory } = await disturbedRuns({ epochs, seed, untilMs: begun + minutes * 60_000 });
  const report = {
    runs: views.length,
    steps: sum(views.map(({ progress }) => progress.step)),
    minutes: (performance.now() - begun) / 60_000,
    disturbances: deeds,
    isSameWeights: views.every(({ weightsSha256 }) => weightsSha256 === undisturbed.weightsSha256),
    isLedgerWhole: views.every(isWhole),
    incarnations: sum(views.map(({ incarnation }) => incarnation)),
    isMemoryFlat: memory.every(({ isFlat }) => isFlat),
    memory,
  };
  const isPassed = report.isSameWeights && report.isLedgerWhole && report.isMemoryFlat;
  if (values.json) console.log(JSON.stringify(report));
  else console.log(`${isPassed ? 'passed' : 'FAILED'}: ${JSON.stringify({ ...report, memory: undefined })}`);
  for (const { name, pid, earlyBytes, lateBytes, isFlat } of memory) {
    const change = `${Math.round(earlyBytes / 2 ** 20)} to ${Math.round(lateBytes / 2 ** 20)} MiB`;
    console.error(`${name} (${pid}): ${change}${isFlat ? '' : ', GROWS'}`);
  }
  return isPassed ? 0 : 1;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const specOf = (world: TrainingStack, epochs: number): ReturnType<TrainingStack['spec']> =>
  world.spec({ epochs, checkpoint: { everySteps: 25, keep: 2 } });

async function undisturbedRun(minutes: number): Promise<RunView> {
  await using world = await TrainingStack.start({ workers: 2 });
  const trial = await world.finished(await world.submit(specOf(world, TRIAL_EPOCHS)));
  const epochMs = ((trial.finishedAt ?? 0) - (trial.startedAt ?? 0)) / TRIAL_EPOCHS;
  const epochs = Math.max(TRIAL_EPOCHS, Math.round((minutes * 60_000 * SHARE_OF_RUN) / epochMs));
  return await world.finished(await world.submit(specOf(world, epochs)), minutes * 60_000);
}

interface Soaked {
  readonly views: readonly RunView[];
  readonly deeds: number;
  readonly memory: ReturnType<MemoryWatch['trends']>;
}

async function disturbedRuns(order: {
  readonly epochs: number;
  readonly seed: number;
  readonly untilMs: number;
}): Promise<Soaked> {
  await using world = await TrainingStack.start({ workers: 2 });
  const memory = new MemoryWatch(() => world.stack);
  const random = randomStream(order.seed);
  const views: RunView[] = [];
  let deeds = 0;
  do {
    const id = await world.submit(specOf(world, order.epochs));
    let view = await world.view(id);
    while (view.state !== 'finished' && view.state !== 'failed') {
      await delay(LEAST_PAUSE_MS + random.nextFloat() * PAUSE_SPREAD_MS);
      const deed = await disturb(world, random);
      deeds += 1;
      const { progress, reason } = view;
      console.error(`step ${progress.step}/${progress.totalSteps}${reason === null ? '' : ` (${reason})`}: ${deed}`);
      view = await world.view(id);
    }
    views.push(view);
  } while (performance.now() < order.untilMs);
  memory.close();
  return { views, deeds, memory: memory.trends() };
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof TypeError ? `soak: ${error.message}` : error);
  return error instanceof TypeError ? 2 : 1;
});
