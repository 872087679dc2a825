import { createHash } from 'node:crypto';
import { runSpecSchema, type StepMetrics } from '#contracts';
import { LiveRun } from '../../apps/coordinator/src/runs/live-run.js';
import { newTrainingRecord } from '../../apps/coordinator/src/storage/new-record.js';
import { RunFiles } from '../../apps/coordinator/src/storage/run-files.js';

/** ImageNet at a global batch of 256 has 5,004. */
const STEPS_PER_EPOCH = 5_000;
const BATCH = 256;
const WORKER = 'worker-1';
const STEPS_A_REPORT = 500;
const START = Date.UTC(2026, 0, 1);
const STEP_MS = 100;

/** What becomes of a run once its steps are committed. */
export type Ending = 'finished' | 'paused';

/** Lets the coordinator's own code write down a run of so many steps. */
export async function makeLongRun(dataDirectory: string, id: string, numSteps: number, ending: Ending): Promise<void> {
  let now = START;
  const stepsPerEpoch = Math.min(STEPS_PER_EPOCH, numSteps);
  const epochs = Math.ceil(numSteps / stepsPerEpoch);
  const spec = runSpecSchema.parse({
    name: `long-${ending}-${numSteps}`,
    model: { architecture: 'resnet50', numClasses: 1_000 },
    dataset: { kind: 'image-folder', path: '/data/imagenet' },
    lanes: 1,
    laneBatchSize: BATCH,
    epochs,
  });
  const record = newTrainingRecord({
    id,
    createdAt: now,
    spec,
    dataset: datasetOf(stepsPerEpoch * BATCH),
    idempotency: null,
    study: null,
    origin: null,
  });
  const run = await LiveRun.create(record, await RunFiles.create(dataDirectory, id), () => now);
  await run.dispatch({
    kind: 'incarnation-started',
    at: now,
    start: { round: 0, checkpoint: null },
    workers: [WORKER],
    fingerprint: 'f'.repeat(16),
    why: 'first',
  });
  const origin = { runId: id, incarnation: 1, workerId: WORKER };
  for (let step = 1; step <= numSteps;) {
    const last = Math.min(step + STEPS_A_REPORT - 1, numSteps, Math.ceil(step / stepsPerEpoch) * stepsPerEpoch);
    const steps: StepMetrics[] = [];
    for (; step <= last; step += 1) steps.push(stepMetrics(step, stepsPerEpoch));
    now = START + last * STEP_MS;
    await run.commit({ kind: 'steps', ...origin, steps });
    if (last % stepsPerEpoch === 0) {
      const epoch = last / stepsPerEpoch - 1;
      const evaluation = { epoch, step: last, loss: lossAt(last), accuracy: 0.5, samples: 50_000, at: now };
      await run.commit({ kind: 'evaluation', ...origin, evaluation });
    }
    // The coordinator saves every second.
    if (last % 10_000 === 0) await run.sync();
  }
  if (ending === 'finished') {
    await run.dispatch({ kind: 'finished', at: now, step: numSteps, weightsSha256: 'a'.repeat(64), stopped: null });
    await run.settle();
  } else {
    await run.dispatch({ kind: 'pause-requested', at: now });
    await run.dispatch({ kind: 'paused', at: now, message: 'paused' });
  }
  await run.close();
}

/** A spike of one step that every zoom has to show. */
export const SPIKE = { step: 77, loss: 99 };

function lossAt(step: number): number {
  if (step === SPIKE.step) return SPIKE.loss;
  return 1 + 6 / (1 + step / 10_000) + ((step * 2_654_435_761) % 1_000) / 10_000;
}

function stepMetrics(step: number, stepsPerEpoch: number): StepMetrics {
  const epoch = Math.floor((step - 1) / stepsPerEpoch);
  return {
    step,
    round: step - 1 + epoch,
    epoch,
    loss: lossAt(step),
    accuracy: (step % 97) / 97,
    samples: BATCH,
    learningRate: 0.1,
    gradientNorm: 1 + (step % 13) / 10,
    at: START + step * STEP_MS,
    durationMs: STEP_MS,
    timings: { dataMs: 1.25, computeMs: 80.5, exchangeMs: 10.125, updateMs: 2.5 },
    digest: createHash('md5').update(String(step)).digest('hex'),
  };
}

function datasetOf(numTrainSamples: number): {
  numTrainSamples: number;
  numValidationSamples: number;
  classes: string[];
  digest: string;
} {
  const classes = Array.from({ length: 1_000 }, (_, index) => `n${String(index).padStart(8, '0')}`);
  return { numTrainSamples, numValidationSamples: 50_000, classes, digest: 'd'.repeat(64) };
}
