import type { EvaluationProtocol } from '#contracts';
import { UnreadableSampleError } from '#dataset';
import type { Network } from '#resnet';
import type { PixelBatch } from '#engine';
import { checkNumClasses, CountsVector } from './counts-vector.js';
import { TestCropScores } from './scores.js';
import type { TestCropLoader } from './test-crop-loader.js';
import type { TestCropsOfSamples } from './test-crop-messages.js';

/** A network of an ensemble, with its weights. */
export interface EnsembleModel {
  readonly network: Network;
  logits(images: PixelBatch): Promise<Float32Array>;
}

export interface EvaluatorOptions {
  readonly protocol: EvaluationProtocol;
  /** At least one; their scores are averaged. All have the same classes. */
  readonly models: readonly EnsembleModel[];
  /** Read and decode; several requests may be under way. */
  readonly crops: Pick<TestCropLoader, 'crops'>;
  /** Samples in a request of test crops. Part of what the bits of the loss depend on, as batches are made of them. */
  readonly samplesAtOnce: number;
  /** Fail on a sample that cannot be read, or leave it out. */
  readonly unreadable: 'refuse' | 'skip';
  readonly onSkipped?: (sample: { readonly path: string; readonly reason: string }) => void;
}

/** Evaluates samples by a protocol. The counts depend on its options and the samples, on neither threads nor time. */
export class Evaluator {
  readonly #options: EvaluatorOptions;
  readonly #imageSizes: readonly number[];
  readonly #numClasses: number;

  constructor(options: EvaluatorOptions) {
    const [first] = options.models;
    if (!first) throw new Error('an evaluation needs at least one network');
    this.#options = options;
    this.#numClasses = first.network.numClasses;
    checkNumClasses(this.#numClasses);
    this.#imageSizes = [...new Set(options.models.map(({ network }) => network.imageSize))];
  }

  /** Counts of the samples, as CountsVector lays them out; rejects with UnreadableSampleError (`refuse`). */
  async counts(
    samples: Uint32Array,
    onCounted?: (numSamples: number) => void,
  ): Promise<{ readonly vector: Float32Array<ArrayBuffer>; readonly dataMs: number }> {
    const counts = new CountsVector(this.#numClasses);
    let dataMs = 0;
    let next = this.#request(samples, 0);
    for (let at = 0; at < samples.length; at += this.#options.samplesAtOnce) {
      const start = performance.now();
      const crops = await next;
      dataMs += performance.now() - start;
      // Decoded while this part is computed; a failure is thrown by the await that asks for it.
      next = this.#request(samples, at + this.#options.samplesAtOnce);
      next.catch(() => undefined);
      const numCounted = await this.#judge(crops, counts);
      onCounted?.(numCounted);
    }
    return { vector: counts.toFloats(), dataMs };
  }

  #request(samples: Uint32Array, at: number): Promise<TestCropsOfSamples> {
    const part = samples.slice(at, at + this.#options.samplesAtOnce);
    if (part.length === 0) return Promise.resolve({ labels: new Int32Array(0), batches: [], failures: [] });
    return this.#options.crops.crops(part, this.#imageSizes);
  }

  async #judge({ labels, batches, failures }: TestCropsOfSamples, counts: CountsVector): Promise<number> {
    const { protocol, models, unreadable, onSkipped } = this.#options;
    const [failure] = failures;
    if (failure && unreadable === 'refuse') throw new UnreadableSampleError(failure.path, failure.reason);
    for (const { path, reason } of failures) onSkipped?.({ path, reason });
    const ofModels = await Promise.all(
      models.map(async (model) => {
        const scores = new TestCropScores(labels.length, this.#numClasses, protocol.average);
        const seen = batches.filter(({ imageSize }) => imageSize === model.network.imageSize);
        const logits = await Promise.all(seen.map((batch) => model.logits(batch)));
        // Added in the order of the batches, whichever was ready first.
        for (const [at, batch] of seen.entries()) scores.add(logits[at] ?? new Float32Array(0), batch.rows);
        return scores;
      }),
    );
    let numCounted = 0;
    for (const [sample, label] of labels.entries()) {
      const rows = ofModels.flatMap((scores) => scores.row(sample) ?? []);
      if (rows.length === 0) continue;
      counts.count(meanOf(rows), label);
      numCounted += 1;
    }
    return numCounted;
  }
}

function meanOf(rows: readonly Float64Array[]): Float64Array {
  const [first = new Float64Array(0)] = rows;
  if (rows.length === 1) return first;
  return first.map((_, at) => rows.reduce((sum, row) => sum + (row[at] ?? 0), 0) / rows.length);
}

/** Samples whose test crops are decoded together: as many as give some batches of equal shapes and fit into memory. */
export function samplesAtOnce(protocol: EvaluationProtocol, batchSize: number): number {
  switch (protocol.kind) {
    case 'center':
      return batchSize;
    case 'ten-crop':
      return Math.max(1, Math.ceil(batchSize / 10));
    case 'multi-scale':
      return Math.min(8, batchSize);
  }
}
