/** What the first bytes of an image say about it. */
export interface ImageHeader {
  readonly format: 'jpeg' | 'png';
  /** Pixels as stored; an EXIF orientation is not applied, here or by the decoders. */
  readonly width: number;
  readonly height: number;
  /** 1 grey, 3 colour, 4 CMYK (JPEG) or colour with alpha (PNG), 2 grey with alpha. */
  readonly numComponents: number;
  /** Bytes up to here are header: no end-of-image marker before it counts. */
  readonly dataOffset: number;
}

export type HeaderParse =
  | { readonly kind: 'header'; readonly header: ImageHeader }
  | { readonly kind: 'fault'; readonly reason: string }
  /** The header goes on past the bytes given: try again with at least so many. */
  | { readonly kind: 'incomplete'; readonly needBytes: number };
