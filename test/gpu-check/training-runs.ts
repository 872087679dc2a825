import { join } from 'node:path';
import type { LedgerStep, RunSpecInput, RunView, WorkerHeartbeat } from '#contracts';
import { makeShapesDataset, type ShapesOptions } from '#dataset';
import { SkiplaneClient } from '../../apps/cli/src/api-client/skiplane-client.js';
import { until } from '../../apps/coordinator/src/testing/until.js';
import { TrainingStack } from '../support/training-stack.js';
import type { Sizes } from './sizes.js';
import { isOnTarget, workerDevice, type Target } from './target.js';

/** A run that is over, and who trained it. */
export interface FinishedRun {
  readonly title: string;
  readonly view: RunView;
  readonly steps: readonly LedgerStep[];
  /** As they report themselves at the end. */
  readonly workers: readonly Pick<WorkerHeartbeat, 'workerId' | 'pid' | 'device'>[];
  /** Of all workers that the stack has now, since they were first started. */
  readonly restarts: number;
}

const NUM_VAL = 60;
/** Each wait; the part that waits has a limit of its own. */
const WAIT_MS = 240_000;

/**
 * The runs that the parts look at, through the real stack: Redis, coordinator, parameter servers, and workers that are
 * started, replaced and killed between them. Each run is made once, when first asked for; ask one after the other.
 */
export class TrainingRuns {
  readonly #target: Target;
  readonly #sizes: Sizes;
  readonly #note: (line: string) => void;
  readonly #made = new Map<string, Promise<FinishedRun>>();
  #world: Promise<TrainingStack> | null = null;
  readonly #over = new AbortController();
  #closed: Promise<void> = Promise.resolve();

  constructor(target: Target, sizes: Sizes, note: (line: string) => void) {
    this.#target = target;
    this.#sizes = sizes;
    this.#note = note;
  }

  /** Only whole batches, in the first process. */
  whole(): Promise<FinishedRun> {
    return this.#once('whole batches', async (world, title) => {
      const path = join(world.folder, 'whole');
      await makeShapesDataset(path, { ...this.#images(0), numVal: NUM_VAL });
      await this.#withWorkers(world, 1);
      return await this.#train(world, title, { dataset: { kind: 'image-folder', path }, epochs: 1 });
    });
  }

  /** Ends every epoch with a partial batch; undisturbed. */
  partial(): Promise<FinishedRun> {
    return this.#once('undisturbed', async (world, title) => {
      await this.#withWorkers(world, 1);
      return await this.#train(world, title);
    });
  }

  /** The same as `partial`, in a process that has trained nothing before. */
  inAnotherProcess(): Promise<FinishedRun> {
    return this.#once('another process', async (world, title) => {
      const before = new Set(world.stack.workers().map(({ pid }) => pid));
      for (const { name } of world.stack.workers()) await world.stack.removeWorker(name);
      const areGone = (workers: readonly WorkerHeartbeat[]): boolean => workers.every(({ pid }) => !before.has(pid));
      await until(() => world.workers(), areGone, { what: 'the workers to be gone', timeoutMs: WAIT_MS });
      await this.#withWorkers(world, 1);
      return await this.#train(world, title);
    });
  }

  /** The same, the only worker killed in the middle of the second epoch. */
  killed(): Promise<FinishedRun> {
    return this.#once('worker killed', async (world, title) => {
      await this.#withWorkers(world, 1);
      const id = await world.submit(this.#spec(world));
      await world.atStep(id, this.#sizes.wholeSteps + 3);
      const [worker] = world.stack.workers();
      if (worker === undefined) throw new Error('there is no worker to kill');
      await world.stack.kill(worker.name);
      return await finished(world, title, id);
    });
  }

  /** The same on two workers. Ask only where there are two devices. */
  onTwo(again: 'first' | 'again' = 'first'): Promise<FinishedRun> {
    return this.#once(again === 'first' ? 'two workers' : 'two workers again', async (world, title) => {
      await this.#withWorkers(world, 2);
      return await this.#train(world, title, { workers: { min: 2, max: 2 } });
    });
  }

  /** The run after the kill once more, in the same process. */
  oneAgain(): Promise<FinishedRun> {
    return this.#once('again', async (world, title) => await this.#train(world, title));
  }

  /** The stack, for what it is made of and its API; null before the first run. */
  async world(): Promise<TrainingStack | null> {
    return await this.#world;
  }

  /** Ends all at once; later runs are refused with the reason. */
  async abandon(reason: string): Promise<void> {
    this.#over.abort(new Error(`the stack was given up before: ${reason}`));
    await this.close();
  }

  /** Stops the stack that there is; the next run starts another. */
  async close(): Promise<void> {
    const world = this.#world;
    this.#world = null;
    this.#closed = this.#closed.then(async () => await (await world?.catch(() => null))?.[Symbol.asyncDispose]());
    await this.#closed;
  }

  #once(title: string, make: (world: TrainingStack, title: string) => Promise<FinishedRun>): Promise<FinishedRun> {
    const known = this.#made.get(title);
    if (known) return known;
    const made = (async () => {
      this.#over.signal.throwIfAborted();
      this.#note(`run: ${title}`);
      return await make(await (this.#world ??= this.#start()), title);
    })();
    // Whoever asks hears it; nobody may.
    made.catch(() => undefined);
    this.#made.set(title, made);
    return made;
  }

  async #start(): Promise<TrainingStack> {
    this.#note('starting Redis, coordinator and parameter servers');
    const { kind } = this.#target;
    return await TrainingStack.start(
      {
        device: kind === 'cpu' ? 'cpu' : 'auto',
        workers: 0,
        // The library is what is checked: the portable engine may not step in.
        env: { SKIPLANE_ENGINE: 'graph', SKIPLANE_API_KEY: '' },
        note: this.#note,
      },
      this.#images(this.#sizes.partialSamples),
    );
  }

  #images(partialSamples: number): ShapesOptions {
    const { lanes, laneBatchSize, wholeSteps, drawnSize } = this.#sizes;
    return {
      numTrain: lanes * laneBatchSize * wholeSteps + partialSamples,
      imageSize: drawnSize,
      signal: this.#over.signal,
    };
  }

  async #withWorkers(world: TrainingStack, count: number): Promise<void> {
    for (let index = world.stack.workers().length; index < count; index += 1) {
      await world.stack.addWorker({ SKIPLANE_DEVICE: workerDevice(this.#target, index) });
    }
    const pids = new Set(world.stack.workers().map(({ pid }) => pid));
    await world.workersReady(count, ({ pid }) => pids.has(pid));
    const elsewhere = (await world.workers()).filter(
      ({ pid, device }) => pids.has(pid) && !isOnTarget(this.#target, device),
    );
    // What is sized for a GPU takes hours on a CPU.
    if (elsewhere.length > 0) {
      const said = elsewhere.map(({ workerId, device }) => `${workerId} computes on ${device}`);
      throw new Error(`${said.join(', ')}, not on ${this.#target.description}`);
    }
  }

  #spec(world: TrainingStack, changes: Partial<RunSpecInput> = {}): RunSpecInput {
    const { model, lanes, laneBatchSize, epochs, wholeSteps } = this.#sizes;
    const how = { optimizer: { learningRate: 0.02 }, workers: { min: 1, max: 1 } };
    const checkpoint = { everySteps: wholeSteps, keep: 2 };
    return world.spec({ name: 'gpu-check', model, lanes, laneBatchSize, epochs, checkpoint, ...how, ...changes });
  }

  async #train(world: TrainingStack, title: string, changes: Partial<RunSpecInput> = {}): Promise<FinishedRun> {
    return await finished(world, title, await world.submit(this.#spec(world, changes)));
  }
}

async function finished(world: TrainingStack, title: string, id: string): Promise<FinishedRun> {
  const view = await world.finished(id, WAIT_MS);
  const processes = world.stack.workers();
  const pids = new Set(processes.map(({ pid }) => pid));
  const workers = (await world.workers()).filter(({ pid }) => pids.has(pid));
  const restarts = processes.reduce((sum, process) => sum + process.restarts, 0);
  const { steps } = await new SkiplaneClient({ url: world.stack.url }).ledger(id, 1);
  return { title, view, steps, workers, restarts };
}
