import { RefusedInputError, type Precision } from '#contracts';
import type { Network, VectorLayout } from '#resnet';
import type { StepConfig } from './step-config.js';
import { sideOf } from './batch-side.js';
import { byName, stateLengths, type ReplicaState } from './state.js';
import type { Batch } from '#data-loading';
import type { PixelBatch } from './inference-engine.js';

/** Throws RefusedInputError unless the portable engine can compute in the precision. */
export function checkPortable(precision: Precision): void {
  if (precision === 'fp32') return;
  throw new RefusedInputError(
    `precision ${precision} needs the graph engine: the portable engine, which runs where no TensorFlow library is, computes in fp32 alone`,
  );
}

/** Throws RefusedInputError unless images, labels and count agree and every label is a class. */
export function checkBatch(network: Network, batch: Batch, { anySize }: Pick<StepConfig, 'anySize'>): void {
  const { images, labels, numSamples } = batch;
  if (!Number.isSafeInteger(numSamples) || numSamples < 1) {
    throw new RefusedInputError(`a batch needs at least one sample, ${numSamples} came`);
  }
  const side = anySize ? Math.floor(sideOf(batch)) : network.imageSize;
  checkVector('images of the batch', images.length, numSamples * side ** 2 * 3);
  checkVector('labels of the batch', labels.length, numSamples);
  const { mixup } = batch;
  if (mixup) checkVector('mask of the batch', mixup.mask.length, mixup.side ** 2);
  if (mixup && mixup.side !== 1) checkVector('side of the mask', mixup.side, side);
  checkLabels(network, labels);
}

/** Throws RefusedInputError unless every label is a class: one that is none would be a sample of no class at all. */
export function checkLabels({ numClasses }: Pick<Network, 'numClasses'>, labels: Int32Array): void {
  const wrong = labels.findIndex((label) => label < 0 || label >= numClasses);
  if (wrong < 0) return;
  throw new RefusedInputError(`label ${labels[wrong]} of sample ${wrong} is none of ${numClasses} classes`);
}

/** Throws RefusedInputError unless there are as many pixels as the shape says, and some. */
export function checkPixels({ pixels, numImages, height, width }: PixelBatch): void {
  if ([numImages, height, width].some((size) => !Number.isSafeInteger(size) || size < 1)) {
    throw new RefusedInputError(`${numImages} images of ${width}x${height} pixels are no batch`);
  }
  checkVector('pixels of the batch', pixels.length, numImages * height * width * 3);
}

/** Throws RefusedInputError where a batch is to be mixed by an engine that does not mix. */
export function checkMixup({ mixup }: Pick<Batch, 'mixup'>, { mixes }: Pick<StepConfig, 'mixes'>): void {
  if (mixup && !mixes) throw new RefusedInputError('a mixed batch came to an engine whose config does not mix');
}

/** Throws RefusedInputError unless the global batch holds the lane's. */
export function checkGlobalBatch(batch: Batch, globalBatch: number): void {
  if (Number.isSafeInteger(globalBatch) && globalBatch >= batch.numSamples) return;
  throw new RefusedInputError(`a global batch of ${globalBatch} cannot hold a lane's ${batch.numSamples} samples`);
}

/** Throws RefusedInputError unless the state has the vectors of the layout and the optimiser. An average may be left out. */
export function checkState(layout: VectorLayout, config: StepConfig, state: ReplicaState): void {
  const vectors = byName(state);
  const lengths = byName(stateLengths(layout, { ...config, averages: state.average !== undefined }));
  for (const name of new Set([...Object.keys(lengths), ...Object.keys(vectors)])) {
    checkVector(`the state's ${name}`, vectors[name]?.length ?? 0, lengths[name] ?? 0);
  }
}

/** Throws RefusedInputError unless the lengths agree. */
export function checkVector(what: string, actual: number, expected: number): void {
  if (actual !== expected) throw new RefusedInputError(`${what}: ${expected} elements expected, ${actual} came`);
}
