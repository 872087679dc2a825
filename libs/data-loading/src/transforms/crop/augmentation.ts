import { randomStream, type RandomStream, type RunSpec } from '#contracts';
import type { Size, Window } from '../../pixel-image.js';
import { centreSquare, NO_SHIFT, type CropParameters } from './crop-parameters.js';
import { resizedWindow } from './cut.js';
import { centerTestCrop, cutOfTestCrop } from './test-crops.js';

export type AugmentationKind = NonNullable<RunSpec['dataset']['augmentation']>;

export interface AugmentationRequest extends Size {
  readonly seed: number;
  readonly epoch: number;
  readonly sample: number;
  /** Side of the network's input in pixels. */
  readonly imageSize: number;
}

/** Keeps this stream apart from the others that are keyed by (seed, epoch, ...). */
const AUGMENTATION_KEY = 0x61756720;
/** Up to this size a data set's images are about as large as the network's input (CIFAR), and nothing is cut off. */
const MAX_SMALL_SIZE = 64;
const PAD = 4;

interface Augmentation {
  readonly draw: (request: AugmentationRequest, random: RandomStream) => CropParameters;
  /** All epochs make the same cut of a sample, so that its pixels are worth keeping. */
  readonly hasConstantCut: boolean;
}

/** By the name that a data set's spec gives it. */
const AUGMENTATIONS: Readonly<Record<AugmentationKind, Augmentation>> = {
  none: { draw: centerCrop, hasConstantCut: true },
  'pad-crop': { draw: padCrop, hasConstantCut: true },
  'resized-crop': { draw: resizedCrop, hasConstantCut: false },
  'scale-crop': { draw: scaleCrop, hasConstantCut: false },
};

/** The training augmentation of a network that names none: the paper's for CIFAR nets, torchvision's above. */
export function defaultAugmentation(imageSize: number): AugmentationKind {
  return imageSize <= MAX_SMALL_SIZE ? 'pad-crop' : 'resized-crop';
}

/** The crop of one sample in one epoch: a pure function of its arguments, of neither order nor worker. */
export function augmentationFor(kind: AugmentationKind, request: AugmentationRequest): CropParameters {
  const { seed, epoch, sample } = request;
  return AUGMENTATIONS[kind].draw(request, randomStream(AUGMENTATION_KEY, seed, epoch, sample));
}

/** Whether all epochs make the same cut of a sample, so that its pixels are worth keeping. */
export function hasConstantCut(kind: AugmentationKind): boolean {
  return AUGMENTATIONS[kind].hasConstantCut;
}

/** What validation and predictions see: shorter side to 256/224 of imageSize (He et al. 2015, 3.4), square in the middle. */
function centerCrop(request: AugmentationRequest): CropParameters {
  return { cut: cutOfTestCrop(request, centerTestCrop(request.imageSize)), shift: NO_SHIFT, flip: false };
}

/** He et al. 2015, section 4.2: 4 pixels of padding on each side, a random crop of the original size, random flip. */
function padCrop(request: AugmentationRequest, random: RandomStream): CropParameters {
  const shift = { x: random.nextInt(2 * PAD + 1) - PAD, y: random.nextInt(2 * PAD + 1) - PAD };
  return { cut: resizedWindow(centreSquare(request), square(request)), shift, flip: isHeads(random) };
}

/** torchvision's RandomResizedCrop: area U[.08, 1], log-uniform aspect ratio in [3/4, 4/3], ten tries; random flip. */
function resizedCrop(request: AugmentationRequest, random: RandomStream): CropParameters {
  const { width, height } = request;
  const flip = isHeads(random);
  const logRatio = Math.log(4 / 3);
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const area = width * height * (0.08 + 0.92 * random.nextFloat());
    const ratio = Math.exp(logRatio * (2 * random.nextFloat() - 1));
    const cropWidth = Math.round(Math.sqrt(area * ratio));
    const cropHeight = Math.round(Math.sqrt(area / ratio));
    if (cropWidth < 1 || cropHeight < 1 || cropWidth > width || cropHeight > height) continue;
    const x = random.nextInt(width - cropWidth + 1);
    const y = random.nextInt(height - cropHeight + 1);
    return wholeCut({ x, y, width: cropWidth, height: cropHeight }, request, flip);
  }
  // Very wide or very high images: the largest middle window whose ratio is allowed.
  const ratio = Math.min(4 / 3, Math.max(3 / 4, width / height));
  const cropWidth = Math.max(1, Math.min(width, Math.round(height * ratio)));
  const cropHeight = Math.max(1, Math.min(height, Math.round(width / ratio)));
  const x = Math.floor((width - cropWidth) / 2);
  const y = Math.floor((height - cropHeight) / 2);
  return wholeCut({ x, y, width: cropWidth, height: cropHeight }, request, flip);
}

/** He et al. 2015, section 3.4: shorter side U[256, 480] (scaled with imageSize / 224), random crop, random flip. */
function scaleCrop(request: AugmentationRequest, random: RandomStream): CropParameters {
  const { width, height, imageSize } = request;
  const flip = isHeads(random);
  const shorterSide = ((256 + random.nextInt(480 - 256 + 1)) * imageSize) / 224;
  const shorter = Math.min(width, height);
  const side = Math.max(1, Math.min(shorter, Math.round((shorter * imageSize) / shorterSide)));
  const x = random.nextInt(width - side + 1);
  const y = random.nextInt(height - side + 1);
  return wholeCut({ x, y, width: side, height: side }, request, flip);
}

/** Of a cut that is another one every epoch nothing is kept, so that it is mirrored as it is made. */
function wholeCut(window: Window, request: AugmentationRequest, flip: boolean): CropParameters {
  return { cut: { ...resizedWindow(window, square(request)), flip }, shift: NO_SHIFT, flip: false };
}

const square = ({ imageSize }: AugmentationRequest): Size => ({ width: imageSize, height: imageSize });

function isHeads(random: RandomStream): boolean {
  return random.nextFloat() < 0.5;
}
