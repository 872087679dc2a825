/** Formats that are read, whatever a file's name says. */
export type ImageFormatName = 'jpeg' | 'png' | 'webp' | 'gif' | 'bmp' | 'tiff' | 'avif';

/** What the header of an image says about it. */
export interface ImageHeader {
  readonly format: ImageFormatName;
  /** Pixels as stored. */
  readonly width: number;
  readonly height: number;
  /** 1 grey, 2 grey with alpha, 3 colour, 4 CMYK or colour with alpha. */
  readonly numComponents: number;
  readonly isCmyk: boolean;
  readonly end: ImageEnd;
  /**
   * 1 (upright as stored) to 8, as EXIF counts them; 1 where none is given. Of a JPEG or PNG what stands before the picture
   * data.
   */
  readonly orientation: number;
  /** Whether a colour profile is embedded; none is ever applied. */
  readonly hasProfile: boolean;
}

/** How one sees that a file is whole. */
export type ImageEnd =
  /** An end-of-image mark follows somewhere behind this byte. */
  | { readonly kind: 'mark'; readonly after: number }
  /** The file has at least so many bytes. */
  | { readonly kind: 'size'; readonly bytes: number };

export interface ImageFault {
  readonly kind: 'fault';
  readonly reason: string;
  /** What it is instead of an image, where it does not begin as one: `text`, `HEIC`. */
  readonly otherKind?: string;
}

export type HeaderParse =
  | { readonly kind: 'header'; readonly header: ImageHeader }
  | ImageFault
  /** The header goes on past the bytes given. */
  | { readonly kind: 'incomplete'; readonly needBytes: number };

/** Whether bytes begin with these characters of Latin-1. */
export function hasPrefix(bytes: Uint8Array, prefix: string): boolean {
  return bytes.length >= prefix.length && Array.from(prefix).every((char, at) => bytes[at] === char.charCodeAt(0));
}
