/** Side in pixels of a batch's square images; NaN or a fraction where the bytes make none. */
export function sideOf({
  images,
  numSamples,
}: {
  readonly images: { readonly length: number };
  readonly numSamples: number;
}): number {
  return Math.sqrt(images.length / numSamples / 3);
}
