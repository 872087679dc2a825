/** What the first bytes of an image say about it. */
export interface ImageHeader {
  readonly format: 'jpeg' | 'png';
  /** Pixels as stored. */
  readonly width: number;
  readonly height: number;
  /** 1 grey, 3 colour, 4 CMYK (JPEG) or colour with alpha (PNG), 2 grey with alpha. */
  readonly numComponents: number;
  /** Bytes up to here are header: no end-of-image marker before it counts. */
  readonly dataOffset: number;
  /** EXIF orientation, 1 (upright as stored) to 8; 1 where none is given before the picture data. */
  readonly orientation: number;
  /** Whether a colour profile is embedded; none is ever applied. */
  readonly hasProfile: boolean;
}

export type HeaderParse =
  | { readonly kind: 'header'; readonly header: ImageHeader }
  | { readonly kind: 'fault'; readonly reason: string }
  /** The header goes on past the bytes given: try again with at least so many. */
  | { readonly kind: 'incomplete'; readonly needBytes: number };

/** Whether bytes begin with these characters of Latin-1. */
export function hasPrefix(bytes: Uint8Array, prefix: string): boolean {
  return bytes.length >= prefix.length && Array.from(prefix).every((char, at) => bytes[at] === char.charCodeAt(0));
}
