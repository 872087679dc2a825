import type { EvaluationProtocol, Orientation } from '#contracts';
import type { ImageDecoder } from '#data-loading';
import type { ReaderSnapshot } from '#dataset';
import type { PixelBatch } from '#engine';

/** What a view thread is started with. */
export interface ViewThreadData {
  readonly reader: ReaderSnapshot;
  readonly decoder: ImageDecoder['kind'];
  readonly orientation: Orientation;
  readonly protocol: EvaluationProtocol;
}

export interface ViewRequest {
  readonly kind: 'views';
  readonly samples: Uint32Array;
  /** Sides of the networks' inputs; views are made for each. */
  readonly imageSizes: readonly number[];
}

/** Views of equal shape, of any samples of the request. */
export interface ViewBatch extends PixelBatch {
  readonly imageSize: number;
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** Which sample of the request each image is a view of. */
  readonly rows: Int32Array;
}

export interface ViewsOfSamples {
  readonly labels: Int32Array;
  readonly batches: readonly ViewBatch[];
  /** Samples that could not be read: no batch holds a view of them. */
  readonly failures: readonly { readonly row: number; readonly path: string; readonly reason: string }[];
}

export interface ViewAnswers {
  readonly views: ViewsOfSamples;
}
