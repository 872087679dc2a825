/** Entry of `npm run accuracy`: whether a variant of the demo's run learns as much as the first, over several seeds. */
import { join } from 'node:path';
import { TERMINAL_STATES, type RunView } from '#contracts';
import { SkiplaneClient } from '../../apps/cli/src/api-client/skiplane-client.js';
import { until } from '../../apps/coordinator/src/testing/until.js';
import { demoSpec } from '../../apps/cli/src/commands/demo/demo-spec.js';
import { TrainingStack } from '../support/training-stack.js';
import { accuracyTable, differencesOf, type AccuracyRun } from './accuracy-table.js';
import { readAccuracyOptions, type AccuracyOptions } from './options.js';
import { specOfVariant, type Variant } from './variants.js';

/** The demo's. */
const IMAGES = { numTrain: 4_000, imageSize: 40, seed: 1 } as const;
const NUM_CLASSES = 10;
/** On a machine that does other things as well. */
const RUN_TIMEOUT_MS = 3_600_000;
/** Seldom: asking takes processor time from the run. */
const POLL_MS = 2_000;

async function main(options: AccuracyOptions): Promise<number> {
  const { seeds, variants, images, within, json } = options;
  console.error(`drawing ${IMAGES.numTrain} + ${images} images, starting one worker on one core`);
  await using stack = await TrainingStack.start({ workers: 1, engines: 1 }, { ...IMAGES, numVal: images });
  const runs: AccuracyRun[] = [];
  // In turn: where it ends early, all variants have the same seeds.
  for (let seed = 1; seed <= seeds; seed += 1) {
    for (const variant of variants) {
      const run = await train(stack, { variant, seed, epochs: options.epochs });
      console.error(`${variant}, seed ${seed}: ${run.accuracy.toFixed(2)} % in ${run.seconds.toFixed(0)} s`);
      runs.push(run);
    }
  }
  const differences = differencesOf(runs, variants).map((each) => ({ ...each, holds: each.mean >= -within }));
  console.error(accuracyTable(runs, variants));
  for (const { variant, against, mean, standardError } of differences.filter(({ holds }) => !holds)) {
    console.error(
      `not held: ${variant} falls short of ${against} by ${(-mean).toFixed(2)} ± ${standardError.toFixed(2)} points, ${within} at most`,
    );
  }
  if (json) console.log(JSON.stringify({ epochs: options.epochs, images, within, runs, differences }));
  return differences.every(({ holds }) => holds) ? 0 : 1;
}

/** The demo's run, one worker driving its lanes. */
async function train(
  stack: TrainingStack,
  { variant, seed, epochs }: { readonly variant: Variant; readonly seed: number; readonly epochs: number },
): Promise<AccuracyRun> {
  const settings = { workers: 1, lanes: 4, laneBatchSize: 32, epochs, seed };
  const spec = demoSpec(settings, { folder: join(stack.folder, 'shapes'), numClasses: NUM_CLASSES });
  const client = new SkiplaneClient({ url: stack.stack.url });
  const name = `accuracy-${variant}-${seed}`;
  const { id } = await client.submit({ ...specOfVariant(variant, spec), name }, name);
  const view = await until(
    () => client.run(id),
    ({ state }) => TERMINAL_STATES.includes(state),
    { what: `the end of run ${id}`, timeoutMs: RUN_TIMEOUT_MS, everyMs: POLL_MS },
  );
  if (view.state !== 'finished') throw new Error(`run ${id} ended as ${view.state}: ${view.reason ?? 'no reason'}`);
  return { variant, seed, accuracy: 100 * accuracyOf(view), seconds: secondsOf(view) };
}

function accuracyOf({ id, progress }: RunView): number {
  if (progress.valAccuracy === null) throw new Error(`run ${id} ended without an evaluation`);
  return progress.valAccuracy;
}

function secondsOf({ startedAt, finishedAt }: RunView): number {
  return startedAt === null || finishedAt === null ? 0 : (finishedAt - startedAt) / 1000;
}

const options = readAccuracyOptions(process.argv.slice(2));
if (options !== null) process.exitCode = await main(options);
