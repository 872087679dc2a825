import { randomStream, type RandomStream, type RunSpec } from '#contracts';
import { PADDING_RGB } from '../crop/crop-parameters.js';

/** What is done to the pixels of a training sample once they are cut, shifted and mirrored. */
export type PixelTransformOptions = Pick<RunSpec['regularization'], 'randomErasing' | 'pcaColour'>;

export interface PixelTransformRequest {
  readonly seed: number;
  readonly epoch: number;
  readonly sample: number;
  readonly imageSize: number;
}

export interface PixelTransform {
  /** Added to red, green and blue, in steps of a byte. */
  readonly shift: readonly [number, number, number] | null;
  /** Becomes the mean colour. */
  readonly erased: { readonly x: number; readonly y: number; readonly width: number; readonly height: number } | null;
}

/** Keep these streams apart from the others that are keyed by (seed, epoch, sample) ("COL", "ERA"). */
const COLOUR_KEY = 0x434f4c;
const ERASING_KEY = 0x455241;

/** Principal components of ImageNet's pixels in [0, 1]: the Torch successor of the authors' code. Rows are channels. */
const EIGENVALUES = [0.2175, 0.0188, 0.0045] as const;
const EIGENVECTORS = [
  [-0.5675, 0.7192, 0.4009],
  [-0.5808, -0.0045, -0.814],
  [-0.5836, -0.6948, 0.4203],
] as const;

/** The transform of one sample in one epoch: a pure function of its arguments, of neither order nor worker. */
export function pixelTransformFor(
  { pcaColour, randomErasing }: PixelTransformOptions,
  request: PixelTransformRequest,
): PixelTransform {
  const { seed, epoch, sample, imageSize } = request;
  return {
    shift: pcaColour ? colourShift(pcaColour.deviation, randomStream(COLOUR_KEY, seed, epoch, sample)) : null,
    erased: randomErasing
      ? erasedBox(randomErasing.probability, imageSize, randomStream(ERASING_KEY, seed, epoch, sample))
      : null,
  };
}

/** Krizhevsky et al. 2012, section 4.1: one normal number a component, for the whole image. */
function colourShift(deviation: number, random: RandomStream): readonly [number, number, number] {
  const alphas = EIGENVALUES.map((value) => 255 * value * deviation * random.nextNormal());
  const [red, green, blue] = EIGENVECTORS.map((row) =>
    row.reduce((sum, part, component) => sum + part * (alphas[component] ?? 0), 0),
  );
  return [red ?? 0, green ?? 0, blue ?? 0];
}

/** torchvision's RandomErasing: area U[.02, .33], log-uniform ratio in [.3, 3.3], ten tries. */
function erasedBox(probability: number, side: number, random: RandomStream): PixelTransform['erased'] {
  if (random.nextFloat() >= probability) return null;
  const [low, high] = [Math.log(0.3), Math.log(3.3)];
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const area = side * side * (0.02 + (0.33 - 0.02) * random.nextFloat());
    const ratio = Math.exp(low + (high - low) * random.nextFloat());
    const height = Math.round(Math.sqrt(area * ratio));
    const width = Math.round(Math.sqrt(area / ratio));
    if (height >= side || width >= side || height < 1 || width < 1) continue;
    return { x: random.nextInt(side - width + 1), y: random.nextInt(side - height + 1), width, height };
  }
  return null;
}

/**
 * Carries a transform out on imageSize x imageSize x 3 bytes. Colours are rounded and kept within bytes, which is at most half
 * a 255th off a shift of floats.
 */
export function transformPixels(pixels: Uint8Array, { shift, erased }: PixelTransform, imageSize: number): void {
  if (shift) {
    const clamped = new Uint8ClampedArray(pixels.buffer, pixels.byteOffset, pixels.length);
    const [red, green, blue] = shift.map(Math.round);
    for (let at = 0; at < clamped.length; at += 3) {
      clamped[at] = (clamped[at] ?? 0) + (red ?? 0);
      clamped[at + 1] = (clamped[at + 1] ?? 0) + (green ?? 0);
      clamped[at + 2] = (clamped[at + 2] ?? 0) + (blue ?? 0);
    }
  }
  if (!erased) return;
  const line = Uint8Array.from({ length: erased.width * 3 }, (_, at) => PADDING_RGB[at % 3] ?? 0);
  for (let row = erased.y; row < erased.y + erased.height; row += 1) {
    pixels.set(line, (row * imageSize + erased.x) * 3);
  }
}
