import { beforeEach, describe, expect, it } from '@jest/globals';
import { INITIAL_VALIDATION_STATE, replicaMemorySchema, runSpecSchema, type StepMetrics } from '#contracts';
import { byName, scalarsOf, type BatchTree, type UpdateHyperparameters } from '#engine';
import { buildNetwork, layoutOf } from '#resnet';
import { vectorDigest } from '#vectors';
import { INITIAL_SCHEDULE_STATE } from '../schedule/schedule-state.js';
import type { RoundProgress } from '../replica/round-work.js';
import type { EnginePort } from './training-ports.js';
import { TrainingWork } from './training-work.js';

const layout = layoutOf(buildNetwork({ architecture: 'resnet20', numClasses: 10 }));
const numbers = { numTrainSamples: 40, numValidationSamples: 10, lanes: 2, laneBatchSize: 5, epochs: 2 };
const spec = runSpecSchema.parse({
  name: 'r',
  model: { architecture: 'resnet20', numClasses: 10 },
  dataset: { kind: 'image-folder', path: 'x' },
  lanes: 2,
  laneBatchSize: 5,
  epochs: 2,
  // Its rate depends on what every step has shown.
  optimizer: { schedule: { kind: 'plateau', warmupUntil: { overSteps: 2, trainingError: 0.75 } } },
});

/** The vector of a lane; that of the root is twice as much. */
function laneVector(step: number): Float32Array<ArrayBuffer> {
  const vector = new Float32Array(layout.vectorLength).fill(step);
  vector.set([0.25 / step, step, 5], layout.scalars.loss);
  return vector;
}

/** Answers in order. Its state is the number of updates; samples are taken at a time of their own. */
class CountingEngine implements EnginePort {
  readonly updates: UpdateHyperparameters[] = [];
  #last: Promise<unknown> = Promise.resolve();

  constructor(readonly trains = true) {}

  gradients(trees: readonly BatchTree[]): ReturnType<EnginePort['gradients']> {
    return this.#inTurn(() => trees.map((tree) => this.#sum(tree)));
  }

  async gradientStages(
    trees: readonly BatchTree[],
    _: unknown,
    told: Parameters<EnginePort['gradientStages']>[2],
  ): Promise<void> {
    const sums = await this.gradients(trees);
    for (const [tree, vector] of sums.entries()) {
      told(tree, 3, vector.subarray(3));
      told(tree, 0, vector.subarray(0, 3));
    }
  }

  train(tree: BatchTree, _: unknown, update: UpdateHyperparameters): ReturnType<EnginePort['train']> {
    return this.#inTurn(async () => {
      const root = this.#sum(tree);
      this.updates.push(update);
      return { ...scalarsOf(root, layout), gradientNorm: 1, digest: await vectorDigest(root) };
    });
  }

  evaluate(): ReturnType<EnginePort['evaluate']> {
    return Promise.reject(new Error('no evaluation is asked for'));
  }

  apply(vector: Float32Array<ArrayBuffer>, update: UpdateHyperparameters): ReturnType<EnginePort['apply']> {
    return this.#inTurn(() => {
      this.updates.push(update);
      return { vector, gradientNorm: 1 };
    });
  }

  readState(): ReturnType<EnginePort['readState']> {
    return this.#inTurn(() => ({
      parameters: Float32Array.of(this.updates.length),
      statistics: new Float32Array(),
      slots: {},
    }));
  }

  async writeState(): Promise<void> {}

  #sum(tree: BatchTree): Float32Array<ArrayBuffer> {
    const vector = laneVector(this.updates.length + 1);
    return Array.isArray(tree) ? vector.map((value) => 2 * value) : vector;
  }

  #inTurn<Answer>(answer: () => Answer | Promise<Answer>): Promise<Answer> {
    const turn = this.#last.then(() => new Promise((resolve) => setTimeout(resolve, 1))).then(answer);
    this.#last = turn;
    return turn;
  }
}

const progress: RoundProgress = {
  computed: () => undefined,
  read: () => ({ durationMs: 1, timings: { dataMs: 0, computeMs: 1, exchangeMs: 0, updateMs: 0 } }),
};

function workOn(engines: EnginePort, onSteps: (steps: readonly StepMetrics[]) => void): TrainingWork {
  return new TrainingWork({
    spec,
    numbers,
    layout,
    engines,
    batches: {
      load: async () => {
        await new Promise((resolve) => setTimeout(resolve, 3));
        return { images: new Uint8Array(3 * 5), labels: new Int32Array(5), numSamples: 5 };
      },
      prefetch: () => undefined,
      evaluation: async function* () {},
    },
    checkpoints: { write: () => Promise.reject(new Error('no checkpoint is due')) },
    start: () => ({
      round: 0,
      state: { parameters: new Float32Array(), statistics: new Float32Array(), slots: {} },
      schedule: INITIAL_SCHEDULE_STATE,
      validation: INITIAL_VALIDATION_STATE,
    }),
    origin: { runId: 'r', incarnation: 1, workerId: 'w' },
    report: (report) => {
      if (report.kind === 'steps') onSteps(report.steps);
    },
  });
}

describe('a round that a worker commits alone', () => {
  let steps: StepMetrics[];
  let engine: CountingEngine;
  let work: TrainingWork;
  beforeEach(() => {
    steps = [];
    engine = new CountingEngine();
    work = workOn(engine, (told) => void steps.push(...told));
    work.follow(true);
  });

  async function commitAlone(round: number): Promise<void> {
    const { recorded } = (await work.commitAlone(round)?.(progress)) ?? {};
    await recorded;
  }

  async function commitByRoot(round: number): Promise<void> {
    const { sums } = await work.compute([0, 1], round, null);
    const [{ node, vector } = { node: null, vector: new Float32Array() }] = sums;
    expect([sums.length, node]).toEqual([1, { lo: 0, hi: 2 }]);
    const { recorded } = await work.commit(vector, round, progress.read);
    await recorded;
  }

  it('is reported as one whose root was a vector, and is followed by the same rates', async () => {
    for (const round of [0, 1, 2, 3]) await commitByRoot(round);
    work.follow(true);
    const [expected, updates] = [steps, engine.updates];
    steps = [];
    engine = new CountingEngine();
    work = workOn(engine, (told) => void steps.push(...told));
    work.follow(true);
    for (const round of [0, 1, 2, 3]) await commitAlone(round);
    work.follow(true);
    const withoutTime = (all: readonly StepMetrics[]): unknown => all.map((step) => ({ ...step, at: 0 }));
    expect(withoutTime(steps)).toEqual(withoutTime(expected));
    expect(steps.map(({ digest }) => digest?.length)).toEqual([16, 16, 16, 16]);
    expect(engine.updates).toEqual(updates);
  });

  it('is part of a state that was asked for meanwhile, with what it has shown, and the next one is not', async () => {
    const first = work
      .commitAlone(0)?.(progress)
      .then(() => work.commitAlone(1)?.(progress));
    const { vectors, memory, round } = await work.snapshot(1);
    await first;
    const { schedule } = replicaMemorySchema.parse(memory);
    expect(round).toBe(1);
    expect(vectors).toEqual(byName({ parameters: Float32Array.of(1), statistics: new Float32Array(), slots: {} }));
    const after = workOn(new CountingEngine(), () => undefined);
    await after.commitAlone(0)?.(progress);
    expect(schedule).toEqual(replicaMemorySchema.parse((await after.snapshot(1)).memory).schedule);
    expect(schedule).not.toEqual(INITIAL_SCHEDULE_STATE);
  });

  it('is a step: the vectors of an evaluation are short, and so they travel', () => {
    expect(work.commitAlone(4)).toBeNull();
    expect(workOn(new CountingEngine(false), () => undefined).commitAlone(0)).toBeNull();
  });
});
