import type { EvaluationProtocol, Orientation } from '#contracts';
import type { ImageDecoder, WantedSamples } from '#data-loading';
import type { ReaderSnapshot } from '#dataset';
import type { PixelBatch } from '#engine';

/** What a thread of test crops is started with. */
export interface TestCropThreadData {
  readonly reader: ReaderSnapshot;
  readonly decoder: ImageDecoder['kind'];
  readonly orientation: Orientation;
  readonly protocol: EvaluationProtocol;
}

export interface TestCropRequest {
  readonly kind: 'test-crops';
  readonly samples: Uint32Array;
  /** Sides of the networks' inputs; crops are made for each. */
  readonly imageSizes: readonly number[];
  /** What will be wanted after these, in order. Left out: as said before. */
  readonly ahead?: readonly WantedSamples[];
}

/** Views of equal shape, of any samples of the request. */
export interface TestCropBatch extends PixelBatch {
  readonly imageSize: number;
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** Which sample of the request each image is a crop of. */
  readonly rows: Int32Array;
}

export interface TestCropsOfSamples {
  readonly labels: Int32Array;
  readonly batches: readonly TestCropBatch[];
  /** Samples that could not be read: no batch holds a crop of them. */
  readonly failures: readonly { readonly row: number; readonly path: string; readonly reason: string }[];
}

export interface TestCropAnswers {
  readonly 'test-crops': TestCropsOfSamples;
}
