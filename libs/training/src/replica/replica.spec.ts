import { afterEach, describe, expect, it } from '@jest/globals';
import {
  INITIAL_VALIDATION_STATE,
  NotFiniteError,
  roundPosition,
  runSpecSchema,
  totalRounds,
  type Checkpoint,
  type Report,
  type RunSpec,
} from '#contracts';
import type { StateSnapshot } from '#parameter-server';
import { buildNetwork, layoutOf } from '#resnet';
import { silentLogger } from '#telemetry';
import type { CheckpointPosition } from '../checkpoint/checkpoint-files.js';
import type { ReplicaState } from '#engine';
import { INITIAL_SCHEDULE_STATE } from '../schedule/schedule-state.js';
import type { TrainingSnapshot } from '../training-work/training-ports.js';
import { TrainingWork } from '../training-work/training-work.js';
import { Replica } from './replica.js';

const layout = layoutOf(buildNetwork({ architecture: 'resnet20', numClasses: 10 }));
const numbers = { numTrainSamples: 40, numValidationSamples: 10, lanes: 1, laneBatchSize: 10, epochs: 6 };
const ROUNDS = totalRounds(numbers);

/** One whose rate depends on everything that was committed before. */
const spec: RunSpec = runSpecSchema.parse({
  name: 'r',
  model: { architecture: 'resnet20', numClasses: 10 },
  dataset: { kind: 'image-folder', path: 'x' },
  lanes: 1,
  laneBatchSize: 10,
  epochs: 6,
  checkpoint: { everySteps: 3 },
  optimizer: {
    schedule: {
      kind: 'plateau',
      patience: 0,
      gamma: 0.5,
      warmupUntil: { overSteps: 5, trainingError: 0.75 },
    },
  },
});

/** The root of a round, as the exchange would bring it: the training error falls, the validation error does not. */
function rootOf(round: number): Float32Array<ArrayBuffer> {
  if (roundPosition(numbers, round).kind === 'evaluate') return Float32Array.of(10, 4, 10, 8);
  const root = new Float32Array(layout.vectorLength);
  root.set([1, Math.min(9, Math.floor(round / 2)), 10], layout.scalars.loss);
  return root;
}

/** A replica whose engines only write down the rates of the steps, and whose world gives it roots alone. */
class Stage {
  readonly rates: number[] = [];
  readonly written: CheckpointPosition[] = [];
  /** Steps and checkpoints in the order in which the coordinator is told. */
  readonly told: { readonly kind: 'step' | 'checkpoint'; readonly step: number }[] = [];
  /** The rate whose step has a gradient that is not finite. */
  notFiniteRate: number | null = null;
  #tellFailure: (told: Report) => void = ({ kind }) => expect(kind).toBe('no failure');
  readonly replica: Replica;
  #applied = 0;
  #settleFinished: () => void = () => undefined;
  /** Settles when the last checkpoint is written. */
  readonly finished: Promise<void> = new Promise((resolve) => (this.#settleFinished = resolve));
  readonly #whenApplied = new Map<number, () => void>();

  constructor(start: TrainingSnapshot, donor?: Replica) {
    const origin = { runId: 'r', incarnation: 1, workerId: 'w' };
    const report = (told: Report): void => this.#hear(told);
    const work = new TrainingWork({
      spec,
      numbers,
      layout,
      engines: {
        trains: false,
        gradients: () => Promise.reject(new Error('has no lane')),
        gradientStages: () => Promise.reject(new Error('has no lane')),
        train: () => Promise.reject(new Error('has no lane')),
        evaluate: () => Promise.reject(new Error('has no lane')),
        apply: async (root, { learningRate }) => {
          if (learningRate === this.notFiniteRate) throw new NotFiniteError('loss or gradient is not finite');
          this.rates.push(learningRate);
          return await Promise.resolve({ vector: root, gradientNorm: 1 });
        },
        readState: async () => STATE,
        writeState: async () => undefined,
      },
      batches: { load: async () => null, prefetch: () => undefined, evaluation: async function* () {} },
      checkpoints: {
        write: async (_, position) => {
          this.written.push(position);
          return checkpointAt(position);
        },
      },
      start: () => start,
      origin,
      report,
    });
    this.replica = new Replica({
      origin,
      work,
      exchange: {
        connect: async () => undefined,
        push: () => undefined,
        begin: () => ({ fill: () => undefined }),
        crossesHosts: false,
        claimRound: () => false,
        committedAlone: () => undefined,
        handedIn: () => undefined,
        ready: () => undefined,
        unready: () => undefined,
        requestState: () => stateOf(donor),
        receivedBytes: 0,
        leave: async () => undefined,
      },
      leases: {
        fetch: async () => null,
        release: async () => undefined,
        complete: async () => undefined,
        reclaim: async () => undefined,
      },
      report,
      logger: silentLogger(),
      onChange: () => this.#noteRound(),
      onBug: (error) => expect(error).toBeNull(),
    });
    this.replica.participantsChanged([{ workerId: 'w', isReady: true, round: 0 }]);
  }

  /** Gives it the roots of [from, to) one by one. */
  async commit(from: number, to: number): Promise<void> {
    for (let round = from; round < to; round += 1) {
      const applied = new Promise<void>((resolve) => this.#whenApplied.set(round + 1, resolve));
      this.replica.rootArrived(round, rootOf(round));
      await applied;
    }
  }

  /** What the coordinator is told when it fails. */
  failure(): Promise<Report> {
    return new Promise((resolve) => (this.#tellFailure = resolve));
  }

  #hear(told: Report): void {
    if (told.kind === 'steps') this.told.push(...told.steps.map(({ step }) => ({ kind: 'step' as const, step })));
    if (told.kind === 'checkpoint') this.told.push({ kind: 'checkpoint', step: told.checkpoint.step });
    if (told.kind === 'finished') this.#settleFinished();
    if (told.kind === 'failed') this.#tellFailure(told);
  }

  #noteRound(): void {
    this.#applied = this.replica.model.round;
    this.#whenApplied.get(this.#applied)?.();
  }
}

async function stateOf(donor: Replica | undefined): Promise<StateSnapshot> {
  const snapshot = await donor?.donateState();
  if (!snapshot) throw new Error('the donor has no state');
  return snapshot;
}

const STATE: ReplicaState = {
  parameters: new Float32Array(layout.numParameters),
  statistics: new Float32Array(layout.numStatistics),
  slots: { momentum: new Float32Array(layout.numTrained) },
};
const START: TrainingSnapshot = {
  round: 0,
  state: STATE,
  schedule: INITIAL_SCHEDULE_STATE,
  validation: INITIAL_VALIDATION_STATE,
};
const checkpointAt = ({ round, step }: CheckpointPosition): Checkpoint => ({
  round,
  step,
  directory: '',
  weightsSha256: '',
  sizeBytes: 0,
  at: 0,
});
const stepsBeforeRound = (round: number): number => (round === 0 ? 0 : roundPosition(numbers, round - 1).stepsDone);

describe('a replica that follows committed rounds', () => {
  const stages: Stage[] = [];
  const stage = (start = START, donor?: Replica): Stage => {
    const made = new Stage(start, donor);
    stages.push(made);
    return made;
  };
  afterEach(async () => {
    await Promise.all(stages.splice(0).map(({ replica }) => replica.abandon()));
  });
  const whole = async (): Promise<Stage> => {
    const one = stage();
    await one.replica.begin();
    await one.commit(0, ROUNDS);
    await one.finished;
    return one;
  };

  it('has a learning rate that warms up and falls', async () => {
    const { rates } = await whole();
    // Ten steps of warm-up: the second block of five steps is the first with an error below 75 %.
    expect(rates.slice(0, 12)).toEqual([...Array.from({ length: 10 }, () => 0.01), 0.1, 0.1]);
    // The error stays where it was; epochs that end in the warm-up are not judged.
    expect(rates.slice(12)).toEqual([
      0.05, 0.05, 0.05, 0.05, 0.025, 0.025, 0.025, 0.025, 0.0125, 0.0125, 0.0125, 0.0125,
    ]);
  });

  it('has the rate of the others as a newcomer, whichever round it comes in', async () => {
    const { rates } = await whole();
    const donor = stage();
    await donor.replica.begin();
    for (let round = 0; round < ROUNDS; round += 1) {
      const newcomer = stage(START, donor.replica);
      newcomer.replica.beginFromPeer();
      while (newcomer.replica.model.phase === 'syncing') await new Promise((resolve) => setImmediate(resolve));
      await newcomer.commit(round, ROUNDS);
      expect(newcomer.rates).toEqual(rates.slice(stepsBeforeRound(round)));
      await donor.commit(round, round + 1);
    }
  });

  it('has the same rate after a restart from any checkpoint', async () => {
    const { rates, written } = await whole();
    expect(written.map(({ step }) => step).slice(0, 8)).toEqual([3, 6, 9, 12, 15, 18, 21, 24]);
    for (const { round, schedule, validation } of written) {
      const restarted = stage({ round, schedule, validation, state: STATE });
      await restarted.replica.begin();
      await restarted.commit(round, ROUNDS);
      expect(restarted.rates).toEqual(rates.slice(stepsBeforeRound(round)));
    }
  });

  it('tells which step was not finite', async () => {
    const one = stage();
    one.notFiniteRate = 0.1;
    const failure = one.failure();
    await one.replica.begin();
    const { rates } = one;
    // Ten steps of warm-up and two evaluations.
    await one.commit(0, 12);
    one.replica.rootArrived(12, rootOf(12));
    expect(await failure).toMatchObject({
      kind: 'failed',
      notFinite: 'step 11',
      message: 'run r: step 11: loss or gradient is not finite',
    });
    expect(rates).toHaveLength(10);
  });

  it('tells of a checkpoint after all the steps before it', async () => {
    const { told, written } = await whole();
    expect(told.filter(({ kind }) => kind === 'checkpoint').length).toBe(written.length);
    for (const [index, { kind, step }] of told.entries()) {
      if (kind !== 'checkpoint') continue;
      const steps = told.slice(0, index).filter((each) => each.kind === 'step');
      expect(steps.map((each) => each.step)).toEqual(Array.from({ length: step }, (_, before) => before + 1));
    }
  });
});
