import { inspectBytes, parseImageHeader, type SampleEncoding } from '#dataset';
import type { Orientation } from '#contracts';
import type { ImageDecoder } from './decoders/image-decoder.js';
import { windowOf, type PixelImage, type Region, type Size, type Window } from './pixel-image.js';
import { planCut, type Cut } from './transforms/crop/cut.js';
import { freeMemory } from '#vectors';
import { storedWindow, turnUpright, uprightSize } from './transforms/crop/turn-upright.js';

/** How the bytes of an image are read. */
export interface OpenImageOptions {
  readonly encoding: SampleEncoding;
  readonly decoder: ImageDecoder;
  readonly orientation: Orientation;
  /** The EXIF orientation that the index knows, where the image is turned by it. Default 0: not known. */
  readonly expected?: number;
}

/** An image whose header was read; `width` and `height` are those it is shown with. */
export interface OpenedImage extends Size {
  /** A window as it is, and maybe some pixels around it; the caller's. Throws or rejects with the reason. */
  region(window: Window): Promise<Region> | Region;
}

/** Pixels of one cut. Views are bounded too: a strip shown whole, with its short side made long, would be endless. */
const MAX_CUT_PIXELS = 2 ** 24;

/**
 * Opens an image: the one way to its pixels, of training, evaluation, prediction and drawings alike. No colour profile is
 * applied, grey and CMYK become RGB, alpha is dropped; turned upright where the data set says so. Throws with the reason.
 */
export function openImage(
  bytes: Uint8Array,
  { encoding, decoder, orientation, expected = 0 }: OpenImageOptions,
): OpenedImage {
  if (encoding.kind === 'planar-rgb') {
    const { width, height } = encoding;
    return { width, height, region: () => ({ x: 0, y: 0, ...planarPixels(bytes, encoding) }) };
  }
  const parsed = parseImageHeader(bytes);
  if (parsed.kind !== 'header') {
    throw new Error(parsed.kind === 'fault' ? parsed.reason : 'cut short: it ends inside its header');
  }
  const { header } = parsed;
  if (orientation === 'upright' && expected !== 0 && header.orientation !== expected) {
    throw new Error(`changed since the index was made: orientation ${header.orientation}, was ${expected}`);
  }
  const turn = orientation === 'upright' ? header.orientation : 1;
  return {
    ...uprightSize(header, turn),
    async region(window) {
      const stored = storedWindow(window, header, turn);
      const region = await decoder.decodeWindow({ bytes, header }, stored);
      if (turn === 1) return region;
      const pixels = windowOf(region, { ...stored, x: stored.x - region.x, y: stored.y - region.y });
      return { x: window.x, y: window.y, ...turnUpright(pixels, turn) };
    },
  };
}

/** Opens a file of which nothing is known yet. Throws with the reason, also where the file was cut short. */
export function openFile(bytes: Uint8Array, options: Omit<OpenImageOptions, 'encoding'>): OpenedImage {
  const inspection = inspectBytes(bytes);
  if (inspection.kind === 'fault') throw new Error(inspection.reason);
  return openImage(bytes, { ...options, encoding: { kind: 'file' } });
}

/** Cuts, in their order; what they are made of is decoded once. Throws or rejects with the reason. */
export async function cutsOf(image: OpenedImage, cuts: readonly Cut[]): Promise<readonly PixelImage[]> {
  return await carriedOut(image, cuts);
}

/** One cut. */
export async function cutOf(image: OpenedImage, cut: Cut): Promise<PixelImage> {
  const [pixels] = await carriedOut(image, [cut]);
  if (pixels === undefined) throw new Error('bug: a cut gave no pixels');
  return pixels;
}

/** One cut, written into part.width x part.height x 3 bytes. */
export async function cutInto(target: Uint8Array, image: OpenedImage, cut: Cut): Promise<void> {
  await carriedOut(image, [cut], target);
}

async function carriedOut(
  image: OpenedImage,
  cuts: readonly Cut[],
  target?: Uint8Array,
): Promise<readonly PixelImage[]> {
  for (const { part } of cuts) {
    if (part.width * part.height <= MAX_CUT_PIXELS) continue;
    throw new Error(
      `its shape: ${part.width}x${part.height} pixels of it would be shown, ${MAX_CUT_PIXELS} at most are`,
    );
  }
  const plans = cuts.map(planCut);
  const region = await image.region(unionOf(plans.map(({ source }) => source)));
  const images = plans.map((plan) => plan.carryOut(region, target));
  freeMemory(region.pixels);
  return images;
}

/** What went wrong with an image, in one line: libvips repeats itself line by line. */
export function reasonOf(error: unknown): string {
  const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
  return reason;
}

function unionOf(windows: readonly Window[]): Window {
  const x = Math.min(...windows.map((window) => window.x));
  const y = Math.min(...windows.map((window) => window.y));
  return {
    x,
    y,
    width: Math.max(...windows.map((window) => window.x + window.width)) - x,
    height: Math.max(...windows.map((window) => window.y + window.height)) - y,
  };
}

/** CIFAR's bytes, all red, then all green, then all blue, as an image. */
function planarPixels(bytes: Uint8Array, { width, height }: Size): PixelImage {
  const plane = width * height;
  if (bytes.length !== 3 * plane) throw new Error(`${bytes.length} bytes are not 3 planes of ${width}x${height}`);
  const pixels = new Uint8Array(3 * plane);
  for (let at = 0, to = 0; at < plane; at += 1, to += 3) {
    pixels[to] = bytes[at] ?? 0;
    pixels[to + 1] = bytes[plane + at] ?? 0;
    pixels[to + 2] = bytes[2 * plane + at] ?? 0;
  }
  return { width, height, pixels };
}
