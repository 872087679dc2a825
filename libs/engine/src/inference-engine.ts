import type { VectorLayout } from '#resnet';
import type { ReplicaState } from './state.js';

/** Images of one shape, NHWC RGB bytes, normalised on the device. */
export interface PixelBatch {
  readonly numImages: number;
  readonly height: number;
  readonly width: number;
  readonly pixels: Uint8Array;
}

/** What a network says of images, and what it says it by. */
export interface Explained {
  /** [numImages x numClasses]. */
  readonly logits: Float32Array<ArrayBuffer>;
  /** Features of the last stage, before the average over all positions: NHWC. */
  readonly features: Float32Array<ArrayBuffer>;
  readonly shape: readonly [numImages: number, height: number, width: number, channels: number];
}

/** What a network has learned. */
export type Weights = Pick<ReplicaState, 'parameters' | 'statistics'>;

/** A network that is looked at and not trained: no momentum, no gradients, images of any size. Calls are synchronous. */
export interface InferenceEngine {
  readonly kind: 'graph' | 'portable';
  readonly layout: VectorLayout;
  /** Logits [numImages x numClasses] with running statistics; the network is applied to the whole image, whatever its size. */
  logits(images: PixelBatch): Float32Array<ArrayBuffer>;
  /** The same logits, with the features they are a linear map of. */
  explain(images: PixelBatch): Explained;
  writeWeights(weights: Weights): void;
  close(): void;
}
