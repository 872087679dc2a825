import { createHash } from 'node:crypto';
import {
  type Evaluation,
  randomStream,
  type RunEvent,
  runSpecSchema,
  type RunSpecInput,
  type RunState,
  type RunView,
  type StepMetrics,
  stepsPerEpoch,
  totalSteps,
  type WorkerHeartbeat,
} from '#contracts';

/** A run of the fixture: what the coordinator would hold of it. */
export interface FixtureRun {
  view: RunView;
  readonly steps: StepMetrics[];
  readonly evaluations: Evaluation[];
  readonly journal: RunEvent[];
}

export interface FixtureRunOptions {
  readonly id: string;
  readonly name: string;
  readonly state: RunState;
  readonly reason?: string;
  readonly lanes: number;
  readonly workers: readonly string[];
  readonly epochs: number;
  readonly stepsDone: number;
  readonly createdAt: number;
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

const NUM_TRAIN_SAMPLES = 8000;
const NUM_VALIDATION_SAMPLES = 2000;
const LANE_BATCH_SIZE = 32;
const CHECKPOINT_EVERY = 100;
const CLASSES = ['circle', 'cross', 'diamond', 'heart', 'hexagon', 'moon', 'ring', 'square', 'star', 'triangle'];
const IS_OVER: readonly RunState[] = ['cancelled', 'failed', 'finished'];

/** A run as it looks after `stepsDone` steps of a training that goes well. */
export function fixtureRun(options: FixtureRunOptions): FixtureRun {
  const { id, lanes, epochs, stepsDone, createdAt, state, workers } = options;
  const numbers = {
    numTrainSamples: NUM_TRAIN_SAMPLES,
    numValidationSamples: NUM_VALIDATION_SAMPLES,
    lanes,
    laneBatchSize: LANE_BATCH_SIZE,
    epochs,
  };
  const perEpoch = stepsPerEpoch(numbers);
  const startedAt = createdAt + 2400;
  const steps = Array.from({ length: stepsDone }, (_, index) => fixtureStep(options, index + 1, perEpoch));
  const lastAt = steps.at(-1)?.at ?? startedAt;
  const epochsDone = Math.floor(stepsDone / perEpoch);
  const evaluations = Array.from({ length: epochsDone }, (_, epoch) => evaluationAfter(steps, epoch, perEpoch));
  const total = totalSteps(numbers);
  const recent = steps.at(-1);
  const isActive = state === 'running' || state === 'pausing';
  const weightsSha256 = state === 'finished' ? digestOf(`${id} ${stepsDone}`) : null;
  const view: RunView = {
    id,
    spec: runSpecSchema.parse(specOf(options)),
    state,
    reason: options.reason ?? null,
    createdAt,
    startedAt: stepsDone > 0 ? startedAt : null,
    finishedAt: IS_OVER.includes(state) ? lastAt + 900 : null,
    incarnation: 1,
    progress: {
      step: stepsDone,
      totalSteps: total,
      epoch: Math.min(epochsDone, epochs - 1),
      epochs,
      loss: recent?.loss ?? null,
      trainAccuracy: recent?.accuracy ?? null,
      valLoss: evaluations.at(-1)?.loss ?? null,
      valAccuracy: evaluations.at(-1)?.accuracy ?? null,
      imagesPerSecond: recent === undefined ? null : (recent.samples / recent.durationMs) * 1000,
      etaSeconds: isActive && recent !== undefined ? ((total - stepsDone) * recent.durationMs) / 1000 : null,
    },
    dataset: {
      numTrainSamples: NUM_TRAIN_SAMPLES,
      numValidationSamples: NUM_VALIDATION_SAMPLES,
      classes: CLASSES,
      digest: digestOf('shapes'),
    },
    lanes: Array.from({ length: lanes }, (_, lane) => ({
      lane,
      workerId: isActive ? (workers[Math.floor((lane * workers.length) / lanes)] ?? null) : null,
    })),
    workers: isActive ? [...workers] : [],
    stragglerReport: [],
    shardCaches: [],
    fingerprint: stepsDone > 0 ? 'tf-2.21.0 cpu avx512_core' : null,
    mixedFromStep: null,
    fastFromStep: null,
    ledger: Array.from({ length: Math.ceil(stepsDone / perEpoch) }, (_, epoch) => {
      const samples = Math.min(NUM_TRAIN_SAMPLES, (stepsDone - epoch * perEpoch) * lanes * LANE_BATCH_SIZE);
      return {
        epoch,
        samples,
        expected: NUM_TRAIN_SAMPLES,
        missing: 0,
        repeated: 0,
        chain: digestOf(`chain ${epoch}`),
      };
    }),
    checkpoints: checkpointsOf(id, stepsDone, steps, weightsSha256),
    weightsSha256,
    stopped: null,
    studyId: null,
    tags: [],
    origin: null,
    notes: '',
    isArchived: false,
    numWarnings: state === 'failed' ? 1 : 0,
    warnings: [],
  };
  const journal = journalOf(view, evaluations);
  const warnings = journal.filter(({ level }) => level !== 'info');
  return { view: { ...view, warnings }, steps, evaluations, journal };
}

function specOf(options: FixtureRunOptions): RunSpecInput {
  const milestones = [Math.max(1, Math.round(options.epochs * 0.6)), Math.max(2, Math.round(options.epochs * 0.85))];
  return {
    name: options.name,
    model: { architecture: 'resnet20', shortcut: 'A', numClasses: CLASSES.length },
    dataset: { kind: 'image-folder', path: 'data/shapes' },
    lanes: options.lanes,
    laneBatchSize: LANE_BATCH_SIZE,
    epochs: options.epochs,
    optimizer: { schedule: { kind: 'steps', milestones, warmupEpochs: 1 } },
    checkpoint: { everySteps: CHECKPOINT_EVERY, keep: 3 },
  };
}

/** Loss falls with the steps and once more with the learning rate; a kill costs one slow exchange. */
export function fixtureStep(options: FixtureRunOptions, step: number, perEpoch: number): StepMetrics {
  const random = randomStream(options.lanes, step);
  const progress = step / (perEpoch * options.epochs);
  const hasDecayed = progress > 0.6;
  const base = 0.42 + 2.1 * Math.exp(-progress * 6.5);
  const noise = (hasDecayed ? 0.035 : 0.085) * random.nextNormal();
  const loss = Math.max(0.02, (hasDecayed ? base * 0.42 : base) + noise);
  const isAfterKill = step % 340 === 210;
  const timings = {
    dataMs: 4 + 3 * random.nextFloat(),
    computeMs: 118 + 9 * random.nextNormal(),
    exchangeMs: isAfterKill ? 640 : 24 + 8 * random.nextFloat(),
    updateMs: 6 + random.nextFloat(),
  };
  const durationMs = timings.dataMs + timings.computeMs + timings.exchangeMs + timings.updateMs;
  return {
    step,
    round: step - 1 + Math.floor((step - 1) / perEpoch),
    epoch: Math.floor((step - 1) / perEpoch),
    loss,
    accuracy: Math.min(1, Math.max(0.08, 1 - loss / 2.55 + 0.02 * random.nextNormal())),
    samples: Math.min(
      options.lanes * LANE_BATCH_SIZE,
      NUM_TRAIN_SAMPLES - ((step - 1) % perEpoch) * options.lanes * LANE_BATCH_SIZE,
    ),
    learningRate: hasDecayed ? 0.01 : 0.1,
    at: options.createdAt + 2400 + step * 158,
    durationMs,
    timings,
  };
}

function evaluationAfter(steps: readonly StepMetrics[], epoch: number, perEpoch: number): Evaluation {
  const step = (epoch + 1) * perEpoch;
  const near = steps.slice(Math.max(0, step - 20), step);
  const mean = (pick: (metrics: StepMetrics) => number): number =>
    near.reduce((sum, metrics) => sum + pick(metrics), 0) / Math.max(1, near.length);
  return {
    epoch,
    step,
    loss: mean((metrics) => metrics.loss) * 1.12 + 0.05 * randomStream(epoch).nextNormal(),
    accuracy: Math.min(1, mean((metrics) => metrics.accuracy) - 0.015),
    samples: NUM_VALIDATION_SAMPLES,
    at: (steps[step - 1]?.at ?? 0) + 120,
  };
}

function checkpointsOf(
  id: string,
  stepsDone: number,
  steps: readonly StepMetrics[],
  finalSha256: string | null,
): RunView['checkpoints'] {
  const regular = Array.from({ length: Math.floor(stepsDone / CHECKPOINT_EVERY) }, (_, index) => (index + 1) * 100);
  const all = finalSha256 === null ? regular : [...new Set([...regular, stepsDone])];
  return all.slice(-3).map((step) => ({
    step,
    round: step,
    directory: `checkpoints/${id}/step-${step}`,
    weightsSha256: finalSha256 !== null && step === stepsDone ? finalSha256 : digestOf(`${id} ${step}`),
    sizeBytes: 2_184_664,
    at: steps[step - 1]?.at ?? 0,
    isBest: false,
  }));
}

function journalOf(view: RunView, evaluations: readonly Evaluation[]): RunEvent[] {
  const lines: Omit<RunEvent, 'id'>[] = [
    { at: view.createdAt, level: 'info', topic: 'submitted', message: `${view.spec.name} was submitted` },
  ];
  if (view.startedAt !== null) {
    lines.push({ at: view.startedAt, level: 'info', topic: 'started', message: 'incarnation 1 begins at step 0' });
  }
  for (const { at, epoch, accuracy, loss } of evaluations) {
    const share = (accuracy * 100).toFixed(2);
    const message = `epoch ${epoch + 1}: validation accuracy ${share} %, loss ${loss.toFixed(4)}`;
    lines.push({ at, level: 'info', topic: 'evaluation', message });
  }
  if (view.state === 'failed') {
    lines.push({ at: view.finishedAt ?? 0, level: 'error', topic: 'failed', message: view.reason ?? 'failed' });
  }
  return lines.map((line, index) => ({ id: index + 1, ...line }));
}

/** A worker's heartbeat as it would be while it drives `lanes` of `run`. */
export function fixtureWorker(workerId: string, at: number, run: RunView | null): WorkerHeartbeat {
  return {
    workerId,
    host: 'node-1',
    pid: 4000 + Number.parseInt(digestOf(workerId).slice(0, 3), 16),
    device: 'CPU x 2',
    engines: 2,
    fingerprint: 'tf-2.21.0 cpu avx512_core',
    startedAt: at - 600_000,
    at,
    status: run === null ? 'idle' : 'ready',
    reason: run === null ? 'no run has a lane to spare' : null,
    runId: run?.id ?? null,
    incarnation: run?.incarnation ?? null,
    round: run?.progress.step ?? null,
    lanes: run?.lanes.filter((lane) => lane.workerId === workerId).map((lane) => lane.lane) ?? [],
    memoryBytes: 612_000_000,
  };
}
