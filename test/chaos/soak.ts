/** `npm run soak`: minutes of random kills, hangs, joins and leaves; the weights must be those of the undisturbed run. */
import { parseArgs } from 'node:util';
import { randomStream, type RunView } from '#contracts';
import { isWhole, TrainingStack } from '../end-to-end/training-stack.js';
import { disturb } from './disturbances.js';
import { MemoryWatch } from './memory-watch.js';
import { delay } from './scene.js';

const HELP = `Usage: npm run soak -- [options]

Trains a small network undisturbed, and again while processes are killed, hung, added and taken away at random.

  --minutes N     of the disturbed run, about (default: 30); the undisturbed one takes a third of it
  --seed N        of the disturbances (default: 1)
  --json          one JSON line last
  --help

Exit codes: 0 the same weights, a whole ledger and flat memory; 1 not; 2 bad usage.`;

const TRIAL_EPOCHS = 10;
/** Disturbed, a run takes about so many times as long. */
const SLOWDOWN = 3;
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
  const epochs = undisturbed.spec.epochs;
  console.error(`undisturbed: ${undisturbed.progress.step} steps, weights ${undisturbed.weightsSha256}`);
  const { view, deeds, memory } = await disturbedRun(epochs, seed);
  const report = {
    steps: view.progress.step,
    minutes: ((view.finishedAt ?? 0) - (view.startedAt ?? 0)) / 60_000,
    disturbances: deeds,
    isSameWeights: view.weightsSha256 === undisturbed.weightsSha256,
    isLedgerWhole: isWhole(view),
    incarnations: view.incarnation,
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

const specOf = (world: TrainingStack, epochs: number): ReturnType<TrainingStack['spec']> =>
  world.spec({ epochs, checkpoint: { everySteps: 25, keep: 2 } });

async function undisturbedRun(minutes: number): Promise<RunView> {
  await using world = await TrainingStack.start({ workers: 2 });
  const trial = await world.finished(await world.submit(specOf(world, TRIAL_EPOCHS)));
  const epochMs = ((trial.finishedAt ?? 0) - (trial.startedAt ?? 0)) / TRIAL_EPOCHS;
  const epochs = Math.max(TRIAL_EPOCHS, Math.round((minutes * 60_000) / SLOWDOWN / epochMs));
  return await world.finished(await world.submit(specOf(world, epochs)), minutes * 60_000 * SLOWDOWN);
}

async function disturbedRun(
  epochs: number,
  seed: number,
): Promise<{ readonly view: RunView; readonly deeds: number; readonly memory: ReturnType<MemoryWatch['trends']> }> {
  await using world = await TrainingStack.start({ workers: 2 });
  const memory = new MemoryWatch(() => world.stack);
  const random = randomStream(seed);
  const id = await world.submit(specOf(world, epochs));
  let deeds = 0;
  for (;;) {
    await delay(LEAST_PAUSE_MS + random.nextFloat() * PAUSE_SPREAD_MS);
    const { state, progress, reason } = await world.view(id);
    if (state === 'finished' || state === 'failed') break;
    const deed = await disturb(world, random);
    deeds += 1;
    console.error(`step ${progress.step}/${progress.totalSteps}${reason === null ? '' : ` (${reason})`}: ${deed}`);
  }
  memory.close();
  return { view: await world.view(id), deeds, memory: memory.trends() };
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof TypeError ? `soak: ${error.message}` : error);
  return error instanceof TypeError ? 2 : 1;
});
