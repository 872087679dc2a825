import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pruneStored, uploadCheckpoint } from '#checkpoints';
import {
  addressIn,
  INITIAL_VALIDATION_STATE,
  isRemote,
  CHECKPOINT_FILES,
  CHECKPOINT_MANIFEST_FILE,
  slotFile,
  manifestText,
  roundPosition,
  samplesInStep,
  totalRounds,
  type Checkpoint,
  type Report,
  type Stopped,
  type TrainingPlan,
  type TimelineNumbers,
} from '#contracts';
import { openWritableStore, readStoreSettings } from '#stores';
import { FakeWorker, type FakeReplica, type FakeWorkerOptions, type Fleet } from './fake-worker.js';

/**
 * Workers that compute nothing but keep to the protocol: they beat, hold leases of shards from BullMQ, commit a round
 * when every lane of it is leased, checkpoint, report. A loss is a pure function of the step.
 */
export class FakeFleet implements Fleet {
  readonly #redisUrl: string;
  readonly workers = new Set<FakeWorker>();
  /** Rounds committed, in order, over all incarnations. */
  readonly committed: number[] = [];
  /** No round from this one on is committed. */
  untilRound = Infinity;
  /** What its workers report of a step, or of the weights after it. */
  figuresOf: (step: number, kind: 'train' | 'evaluate') => Figures = usualFigures;
  /** Where and why a run ends before its last epoch; asked after each of its evaluations. */
  stopAfter: (step: number) => Stopped | null = () => null;
  /** How long its workers say that a step takes. */
  stepMs = 5;
  /** The step whose loss is not finite. */
  notFiniteStep: number | null = null;
  /** What a checkpoint's file of weights holds. */
  weightsAfter: (step: number) => string | Uint8Array = (step) => `weights after step ${step}`;
  readonly #replicas = new Map<string, FakeReplica>();

  constructor(redisUrl: string) {
    this.#redisUrl = redisUrl;
  }

  async add(workerId: string, options: Partial<FakeWorkerOptions> = {}): Promise<FakeWorker> {
    const worker = new FakeWorker({ ...options, workerId, redisUrl: this.#redisUrl, fleet: this });
    this.workers.add(worker);
    await worker.start();
    return worker;
  }

  async close(): Promise<void> {
    await Promise.all([...this.workers].map((worker) => worker.kill()));
  }

  replica(plan: TrainingPlan): FakeReplica {
    const key = `${plan.runId} ${plan.incarnation}`;
    const held = this.#replicas.get(key) ?? { round: plan.start.round, isOver: false, best: null, holders: new Set() };
    this.#replicas.set(key, held);
    return held;
  }

  /** Commits the next round if its lanes are all leased; called by one worker of the incarnation at a time. */
  async advance(plan: TrainingPlan, replica: FakeReplica, by: FakeWorker): Promise<void> {
    const numbers = numbersOf(plan);
    let stopped: Stopped | null = null;
    if (replica.isOver) return;
    if (replica.round < totalRounds(numbers)) {
      if (replica.round >= this.untilRound) return;
      const leased = new Set([...replica.holders].flatMap((worker) => worker.lanesAt(replica.round)));
      if (leased.size < numbers.lanes) return;
      if (this.#failsNotFinite(plan, replica, by)) return;
      stopped = await this.#commit(plan, replica, by);
    }
    if (stopped !== null || replica.round === totalRounds(numbers)) {
      replica.isOver = true;
      const checkpoint = await this.checkpoint(plan, replica, by);
      const { step, weightsSha256, directory } = checkpoint;
      by.report({ kind: 'finished', ...origin(plan, by), step, weightsSha256, directory, ...(stopped && { stopped }) });
    }
  }

  async checkpoint(plan: TrainingPlan, replica: FakeReplica, by: FakeWorker): Promise<Checkpoint> {
    const step = roundPosition(numbersOf(plan), replica.round - 1).stepsDone;
    const isStored = isRemote(plan.checkpointDirectory);
    const parent = isStored ? await mkdtemp(join(tmpdir(), 'skiplane-fake-')) : plan.checkpointDirectory;
    let directory = join(parent, `step-${step}`);
    const content = this.weightsAfter(step);
    await mkdir(directory, { recursive: true });
    const weightsSha256 = createHash('sha256').update(content).digest('hex');
    for (const name of [CHECKPOINT_FILES.weights, slotFile('momentum')])
      await writeFile(join(directory, name), content);
    const manifest = { version: 3 as const, runId: plan.runId, architecture: 'fake', step, round: replica.round };
    await writeFile(
      join(directory, CHECKPOINT_MANIFEST_FILE),
      manifestText({
        ...manifest,
        weightsSha256,
        validation: INITIAL_VALIDATION_STATE,
        slots: { momentum: { file: slotFile('momentum'), sha256: weightsSha256 } },
      }),
    );
    if (isStored) {
      directory = await toStore(plan, directory);
      await rm(parent, { recursive: true });
    }
    const checkpoint = {
      step,
      round: replica.round,
      directory,
      weightsSha256,
      sizeBytes: content.length,
      at: by.now(),
      ...bestOf(step, replica),
    };
    by.report({ kind: 'checkpoint', ...origin(plan, by), checkpoint });
    return checkpoint;
  }

  #failsNotFinite(plan: TrainingPlan, replica: FakeReplica, by: FakeWorker): boolean {
    const { kind, stepsDone } = roundPosition(numbersOf(plan), replica.round);
    if (kind !== 'train' || stepsDone !== this.notFiniteStep) return false;
    replica.isOver = true;
    const notFinite = `step ${stepsDone}`;
    by.report({ kind: 'failed', ...origin(plan, by), message: `${notFinite}: loss is not finite`, notFinite });
    return true;
  }

  /** Where and why the run stops by it. */
  async #commit(plan: TrainingPlan, replica: FakeReplica, by: FakeWorker): Promise<Stopped | null> {
    const { kind, stepsDone } = roundPosition(numbersOf(plan), replica.round);
    const figures = this.figuresOf(stepsDone, kind);
    by.report(roundReport(plan, replica.round, by, { ...figures, durationMs: this.stepMs }));
    this.committed.push(replica.round);
    replica.round += 1;
    const { everySteps, keep } = plan.spec.checkpoint;
    if (kind === 'train') {
      if (stepsDone % everySteps === 0) await this.checkpoint(plan, replica, by);
      return null;
    }
    if (keep === 'best' && figures.accuracy > (replica.best?.value ?? 0)) {
      replica.best = { step: stepsDone, figure: 'accuracy', value: figures.accuracy };
      await this.checkpoint(plan, replica, by);
    }
    return this.stopAfter(stepsDone);
  }
}

/** As a worker does. Resolves with where it lies then. */
async function toStore({ checkpointDirectory: location, spec }: TrainingPlan, from: string): Promise<string> {
  const store = openWritableStore({ location, settings: readStoreSettings(process.env) });
  const written = await uploadCheckpoint(store, from);
  await pruneStored(store, { keep: spec.checkpoint.keep, written });
  store.close();
  return addressIn(location, written);
}

/** Of the checkpoint whose evaluation is the best so far. */
function bestOf(step: number, { best }: FakeReplica): Pick<Checkpoint, 'best'> {
  return best?.step === step ? { best: { figure: best.figure, value: best.value } } : {};
}

interface Figures {
  readonly loss: number;
  readonly accuracy: number;
}

function usualFigures(step: number, kind: 'train' | 'evaluate'): Figures {
  return { loss: kind === 'train' ? lossOf(step) : 0.5, accuracy: 0.5 };
}

export function lossOf(step: number): number {
  return 2 / Math.sqrt(step) + Math.sin(step) / 10;
}

export function numbersOf(plan: TrainingPlan): TimelineNumbers {
  const { lanes, laneBatchSize, epochs } = plan.spec;
  const { numTrainSamples, numValidationSamples } = plan.dataset;
  return { numTrainSamples, numValidationSamples, lanes, laneBatchSize, epochs };
}

function origin(plan: TrainingPlan, by: FakeWorker): { runId: string; incarnation: number; workerId: string } {
  return { runId: plan.runId, incarnation: plan.incarnation, workerId: by.workerId };
}

/** What a worker reports of a round. */
function roundReport(
  plan: TrainingPlan,
  round: number,
  by: FakeWorker,
  { loss, accuracy, durationMs }: Figures & { readonly durationMs: number },
): Report {
  const numbers = numbersOf(plan);
  const { kind, epoch, stepInEpoch, stepsDone } = roundPosition(numbers, round);
  if (kind === 'evaluate') {
    const evaluation = {
      epoch,
      step: stepsDone,
      loss,
      accuracy,
      samples: numbers.numValidationSamples,
      at: by.now(),
    };
    return { kind: 'evaluation', ...origin(plan, by), evaluation };
  }
  const step = {
    step: stepsDone,
    round,
    epoch,
    loss,
    accuracy,
    samples: samplesInStep(numbers, stepInEpoch),
    learningRate: 0.1,
    at: by.now(),
    durationMs,
    timings: { dataMs: 1, computeMs: 2, exchangeMs: 1, updateMs: 1 },
    digest: stepsDone.toString(16).padStart(32, '0'),
  };
  return { kind: 'steps', ...origin(plan, by), steps: [step] };
}
