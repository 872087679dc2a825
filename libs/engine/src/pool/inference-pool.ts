import type { Precision } from '#contracts';
import type { Network } from '#resnet';
import { RequestThread, type HangGuard } from '#threads';
import type { PixelBatch, Weights } from '../inference-engine.js';
import type { InferenceAnswers, InferenceRequest, InferenceThreadData } from './inference-messages.js';

export interface InferencePoolOptions {
  readonly network: Network;
  readonly engine: 'graph' | 'portable';
  readonly precision: Precision;
  /** Each thread gets a copy. */
  readonly weights: Weights;
  /** On a CPU one per core, each computing with one thread. */
  readonly numEngines: number;
  /** What happens when a thread hangs. Default: what was asked of it rejects. */
  readonly guard?: HangGuard;
  /** Compiled entry of an inference thread. Default: the one beside this file. */
  readonly threadUrl?: URL;
}

/** One network in as many threads as there are cores; which of them answers changes no bit. */
export class InferencePool {
  readonly network: Network;
  readonly #threads: readonly RequestThread<InferenceRequest, InferenceAnswers>[];

  constructor({ network, engine, precision, weights, numEngines, guard, threadUrl }: InferencePoolOptions) {
    this.network = network;
    const url = threadUrl ?? new URL('./inference-thread.js', import.meta.url);
    const data: InferenceThreadData = { network, engine, precision, weights };
    this.#threads = Array.from(
      { length: numEngines },
      () => new RequestThread({ url, name: 'inference', data, guard }),
    );
  }

  async ready(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.ready()));
  }

  /** Logits [numImages x numClasses]; borrows the pixels. */
  async logits(images: PixelBatch): Promise<Float32Array<ArrayBuffer>> {
    const [first, ...others] = this.#threads;
    if (!first) throw new Error('an inference pool needs at least one engine');
    const thread = others.reduce((best, other) => (other.load < best.load ? other : best), first);
    const { numImages, height, width } = images;
    const what = `logits of ${numImages} of ${height} x ${width}`;
    return (await thread.request({ kind: 'logits', images }, { what })).value;
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }
}
