import type { EvaluationProtocol } from '#contracts';
import type { Size } from '../../pixel-image.js';
import type { Cut } from './cut.js';

/** Where a square crop lies in the resized image. */
export type CropPosition = 'top-left' | 'top-right' | 'bottom-left' | 'bottom-right' | 'center';

/** One look at an image: resize, mirror, cut out. */
export interface TestCrop {
  readonly shorterSide: number;
  /** Mirrors the whole resized image; the crop is taken afterwards. */
  readonly flip: boolean;
  /** Null: the whole image. */
  readonly crop: { readonly position: CropPosition; readonly side: number } | null;
}

/** Up to this size a data set's images are about as large as the network's input (CIFAR), and nothing is cut off. */
const MAX_SMALL_SIZE = 64;
/** Shorter sides of the paper's networks, which see 224 pixels (3.4). */
const PAPER_SIDES: readonly number[] = [224, 256, 384, 480, 640];
const PAPER_INPUT = 224;
/** torchvision's five_crop order. */
const FIVE: readonly CropPosition[] = ['top-left', 'top-right', 'bottom-left', 'bottom-right', 'center'];

/** Shorter side and crop of a protocol for a network, with its defaults filled in. */
export function cropSettings(
  protocol: Exclude<EvaluationProtocol, { kind: 'multi-scale' }>,
  imageSize: number,
): { readonly resize: number; readonly crop: number } {
  const crop = protocol.crop ?? imageSize;
  const resize = protocol.resize ?? (crop <= MAX_SMALL_SIZE ? crop : Math.round((crop * 256) / 224));
  return { resize, crop };
}

/** The test crops of an image, in a fixed order. Pure. */
export function testCropsOf(protocol: EvaluationProtocol, imageSize: number): readonly TestCrop[] {
  if (protocol.kind === 'multi-scale') {
    const sides = protocol.shorterSides ?? PAPER_SIDES.map((side) => Math.round((side * imageSize) / PAPER_INPUT));
    return sides.flatMap((shorterSide) =>
      (protocol.flip ? [false, true] : [false]).map((flip) => ({ shorterSide, flip, crop: null })),
    );
  }
  const { resize, crop } = cropSettings(protocol, imageSize);
  const positions = protocol.kind === 'ten-crop' ? FIVE : (['center'] as const);
  const flips = protocol.kind === 'ten-crop' || protocol.flip ? [false, true] : [false];
  return flips.flatMap((flip) =>
    positions.map((position) => ({ shorterSide: resize, flip, crop: { position, side: crop } })),
  );
}

/** The single center crop: what validation, predictions and drawings see unless told otherwise. */
export function centerTestCrop(imageSize: number): TestCrop {
  const { resize, crop } = cropSettings({ kind: 'center', flip: false, average: 'softmax' }, imageSize);
  return { shorterSide: resize, flip: false, crop: { position: 'center', side: crop } };
}

/** A test crop of an image of this size. */
export function cutOfTestCrop(image: Size, { shorterSide, flip, crop }: TestCrop): Cut {
  const window = { x: 0, y: 0, width: image.width, height: image.height };
  const resized = resizedSize(image, shorterSide);
  if (crop === null) return { window, resized, part: { x: 0, y: 0, ...resized }, flip };
  const { x, y } = cropOrigin(resized, crop.side, crop.position);
  // The mirror image of the crop that lies as far from the other edge.
  const left = flip ? resized.width - crop.side - x : x;
  return { window, resized, part: { x: left, y, width: crop.side, height: crop.side }, flip };
}

/** torchvision's Resize to a shorter side: the longer one is rounded down. */
export function resizedSize({ width, height }: Size, shorterSide: number): Size {
  return width <= height
    ? { width: shorterSide, height: Math.floor((shorterSide * height) / width) }
    : { width: Math.floor((shorterSide * width) / height), height: shorterSide };
}

/** Top left corner of a crop. The middle is rounded as Python does, halves to the even number. */
export function cropOrigin({ width, height }: Size, side: number, position: CropPosition): { x: number; y: number } {
  const [right, bottom] = [width - side, height - side];
  switch (position) {
    case 'top-left':
      return { x: 0, y: 0 };
    case 'top-right':
      return { x: right, y: 0 };
    case 'bottom-left':
      return { x: 0, y: bottom };
    case 'bottom-right':
      return { x: right, y: bottom };
    case 'center':
      return { x: halfToEven(right / 2), y: halfToEven(bottom / 2) };
  }
}

function halfToEven(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
