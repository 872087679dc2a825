import { DEFAULT_STEP_CONFIG, type StepConfig } from '../step-config.js';
import { type Network } from '#resnet';
import type { EvaluationCounts, UpdateHyperparameters } from '../engine.js';
import type { ReplicaState } from '../state.js';
import type { Batch } from '#data-loading';
import { sideOf } from '../batch-side.js';
import { RequestThread, type HangGuard } from '#threads';
import type { AppliedUpdate, EngineAnswers, EngineRequest, EngineThreadData } from './engine-messages.js';

export interface EnginePoolOptions {
  readonly network: Network;
  readonly engine: 'graph' | 'portable';
  /** Engine threads; on a CPU one per core, each computing with one thread. */
  readonly numEngines: number;
  /** How the engines judge and update. Default: as a run that asks for nothing. */
  readonly config?: StepConfig;
  /** What happens when an engine hangs. Default: what was asked of it rejects. */
  readonly guard?: HangGuard;
  /** Compiled entry of an engine thread. Default: the one beside this file. */
  readonly threadUrl?: URL;
}

type EngineThread = RequestThread<EngineRequest, EngineAnswers>;

/** The replica of a worker: one engine thread per core, each with the same weights, each driving one lane at a time. */
export class EnginePool {
  readonly #engines: readonly EngineThread[];
  /** Copies that the engines have given back. */
  #spare: Float32Array<ArrayBuffer>[] = [];

  constructor(options: EnginePoolOptions) {
    const { network, engine, config = DEFAULT_STEP_CONFIG, guard } = options;
    const url = options.threadUrl ?? new URL('./engine-thread.js', import.meta.url);
    const data: EngineThreadData = { network, engine, config };
    this.#engines = Array.from(
      { length: options.numEngines },
      () => new RequestThread<EngineRequest, EngineAnswers>({ url, name: 'engine', data, guard }),
    );
  }

  async ready(): Promise<void> {
    await Promise.all(this.#engines.map((engine) => engine.ready()));
  }

  /** Gradient vector of a lane's batch on the least loaded engine. Takes the batch's buffers. */
  async gradients(
    batch: Batch,
    globalBatch: number,
  ): Promise<{ readonly vector: Float32Array<ArrayBuffer>; readonly elapsedMs: number }> {
    const { value, elapsedMs } = await this.#leastLoaded().request(
      { kind: 'gradients', batch, globalBatch },
      { transfer: buffersOf(batch), what: `gradients of ${shapeOf(batch)}` },
    );
    return { vector: value, elapsedMs };
  }

  /** Takes the batch's buffers. */
  async evaluate(batch: Batch): Promise<EvaluationCounts> {
    const what = `evaluate ${shapeOf(batch)}`;
    return (await this.#leastLoaded().request({ kind: 'evaluate', batch }, { transfer: buffersOf(batch), what })).value;
  }

  /** The same update on every engine. Takes the vector, and gives it back when all have applied it. */
  async apply(reduced: Float32Array<ArrayBuffer>, hyperparameters: UpdateHyperparameters): Promise<AppliedUpdate> {
    // Keeping an average is work of its own, which begins some steps after the first.
    const what = hyperparameters.averageDecay === undefined ? 'apply' : 'apply with an average';
    const copies = this.#engines.slice(1).map(() => this.#copyOf(reduced));
    const [first, ...others] = await Promise.all(
      this.#engines.map(async (engine, index) => {
        const vector = copies[index - 1] ?? reduced;
        const request = { kind: 'apply', reduced: vector, hyperparameters } as const;
        return (await engine.request(request, { transfer: [vector.buffer], what })).value;
      }),
    );
    if (!first) throw new Error('an engine pool needs at least one engine');
    this.#spare = others.map(({ vector }) => vector);
    return first;
  }

  /** In the memory of an earlier copy where there is one: the kernel would have to clear new memory first. */
  #copyOf(vector: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
    const spare = this.#spare.pop();
    if (spare?.length !== vector.length) return vector.slice();
    spare.set(vector);
    return spare;
  }

  /** State after every request made before this one. */
  async readState(): Promise<ReplicaState> {
    return (await this.#first().request({ kind: 'read-state' })).value;
  }

  /** Borrows the state: each engine gets a copy. */
  async writeState(state: ReplicaState): Promise<void> {
    await Promise.all(this.#engines.map((engine) => engine.request({ kind: 'write-state', state })));
  }

  async close(): Promise<void> {
    await Promise.all(this.#engines.map((engine) => engine.close()));
  }

  #first(): EngineThread {
    const [first] = this.#engines;
    if (!first) throw new Error('an engine pool needs at least one engine');
    return first;
  }

  #leastLoaded(): EngineThread {
    return this.#engines.reduce((best, engine) => (engine.load < best.load ? engine : best), this.#first());
  }
}

/** `32 images of 224x224`: a GPU plans its kernels for each shape it is fed with. */
function shapeOf(batch: Batch): string {
  const { numSamples, mixup } = batch;
  const side = sideOf(batch);
  const mask = mixup ? `, mixed by a mask of ${mixup.side}x${mixup.side}` : '';
  return `${numSamples} ${numSamples === 1 ? 'image' : 'images'} of ${side}x${side}${mask}`;
}

function buffersOf(batch: Batch): ArrayBuffer[] {
  return [batch.images.buffer, batch.labels.buffer, batch.mixup?.mask.buffer].filter(
    (buffer): buffer is ArrayBuffer => buffer instanceof ArrayBuffer,
  );
}
