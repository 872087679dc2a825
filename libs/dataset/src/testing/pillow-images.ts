import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

interface KeptFile {
  readonly name: string;
  /** Base64. */
  readonly file: string;
}

interface KeptGolden extends KeptFile {
  readonly width: number;
  readonly height: number;
  readonly within: number;
  readonly sha256?: string;
  /** Base64; where a byte may differ. */
  readonly pixels?: string;
}

/** A WebP, GIF, BMP, TIFF or AVIF file, and what Pillow shows of it upright (pillow-images.py). */
export interface PillowImage {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** How far a byte may be from Pillow's. */
  readonly within: number;
  /** Whether RGB bytes are Pillow's. */
  isShown(pixels: Uint8Array): boolean;
}

/** A file that is refused on purpose, and words of the reason. */
export interface RefusedImage {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly reason: string;
}

const kept = JSON.parse(readFileSync(new URL('pillow-images.json', import.meta.url), 'utf8')) as {
  readonly files: readonly KeptGolden[];
  readonly refused: readonly (KeptFile & { readonly reason: string })[];
};

const bytesOf = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'));

export const pillowImages: readonly PillowImage[] = kept.files.map(
  ({ name, file, width, height, within, sha256, pixels }) => ({
    name,
    bytes: bytesOf(file),
    width,
    height,
    within,
    isShown(shown) {
      if (sha256 !== undefined) return createHash('sha256').update(shown).digest('hex') === sha256;
      const expected = bytesOf(pixels ?? '');
      const isNear = (byte: number, at: number): boolean => Math.abs(byte - (expected[at] ?? 999)) <= within;
      return shown.length === expected.length && shown.every(isNear);
    },
  }),
);

export const refusedImages: readonly RefusedImage[] = kept.refused.map(({ name, file, reason }) => ({
  name,
  bytes: bytesOf(file),
  reason,
}));
