/** A batch on the host; pixels are NHWC RGB and normalised on the device. An engine borrows it for the call. */
export interface Batch {
  /** numSamples x S x S x 3 bytes. S is the network's imageSize; any side where the engine's rules say so. */
  readonly images: Uint8Array;
  readonly labels: Int32Array;
  readonly numSamples: number;
  /** For engines whose rules mix; left out, nothing is mixed. */
  readonly mixup?: Mixup | null;
}

/** How each sample of a batch is mixed with the one before it, the first with the last: pixels and labels. */
export interface Mixup {
  /** Share of the sample itself in each pixel, side x side values: one for all pixels, or one a pixel. */
  readonly mask: Float32Array<ArrayBuffer>;
  /** 1 or the side of the images. */
  readonly side: number;
  /** Share of the sample's own label. */
  readonly share: number;
}
