import type { Precision } from '#contracts';
import type { Network } from '#resnet';
import type { PixelBatch, Weights } from '../inference-engine.js';

/** What an inference thread is started with. */
export interface InferenceThreadData {
  readonly network: Network;
  readonly engine: 'graph' | 'portable';
  readonly precision: Precision;
  readonly weights: Weights;
}

export interface InferenceRequest {
  readonly kind: 'logits';
  readonly images: PixelBatch;
}

export interface InferenceAnswers {
  readonly logits: Float32Array<ArrayBuffer>;
}
