import type { ImageHeader } from './header-parse.js';

/** What a survey counts an image as: `jpeg`, `jpeg gray`, `jpeg cmyk`, `png alpha`. */
export function formatName({ format, numComponents, isCmyk }: ImageHeader): string {
  if (isCmyk) return `${format} cmyk`;
  if (numComponents === 1) return `${format} gray`;
  return numComponents === 3 ? format : `${format} alpha`;
}
