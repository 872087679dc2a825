import type { Orientation } from '#contracts';
import type { AugmentationKind } from '../transforms/crop/augmentation.js';
import type { PixelTransformOptions } from '../transforms/pixel/pixel-transforms.js';
import type { ReaderSnapshot } from '#dataset';
import type { WantedSamples } from './foresight.js';

/** What a data thread is started with. */
export interface DataThreadData {
  readonly train: ReaderSnapshot;
  readonly validation: ReaderSnapshot;
  readonly decoder: 'tensorflow' | 'portable';
  readonly orientation: Orientation;
  readonly augmentation: AugmentationKind;
  /** What else is done to training samples. */
  readonly pixelTransforms: PixelTransformOptions;
  readonly seed: number;
  readonly cacheBytes: number;
  /** Memory of the counts of what is asked of the shard cache. */
  readonly cacheCounts: SharedArrayBuffer;
}

export interface DecodeRequest {
  readonly kind: 'decode';
  /** Lower rounds are decoded first: they are always wanted sooner. */
  readonly round: number;
  readonly split: 'train' | 'val';
  readonly epoch: number;
  /** Side of the pixels asked for. */
  readonly imageSize: number;
  /** In training: draws (`OrderOf`). */
  readonly samples: Uint32Array;
  /** What will be wanted after these, in order. Left out: as said before. */
  readonly ahead?: readonly WantedSamples[];
  /** The row of the batch of each sample. */
  readonly rows: Uint32Array;
  /**
   * The batch, imageSize x imageSize x 3 bytes a row: shared memory that several threads fill, each its own rows. Nobody
   * reads it before all have answered.
   */
  readonly images: Uint8Array<SharedArrayBuffer>;
}

/** A sample that could not be decoded; its row of the batch is undefined. */
export interface SampleFailure {
  readonly row: number;
  readonly path: string;
  readonly reason: string;
}

export interface DecodedPart {
  /** One a sample, in the order asked for. */
  readonly labels: Int32Array;
  readonly failures: readonly SampleFailure[];
}

export interface DecodeAnswers {
  readonly decode: DecodedPart;
}
