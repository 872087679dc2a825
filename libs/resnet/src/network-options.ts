import {
  ARCHITECTURES,
  BOTTLENECK_VARIANTS,
  modelFaults,
  RefusedInputError,
  SHORTCUT_PADDINGS,
  SHORTCUTS,
  type Architecture,
  type Shortcut,
} from '#contracts';
import { ARCHITECTURE_TABLE, type ArchitectureRow } from './architecture-table.js';

/** Which network to build; the fields of a run spec's `model`. */
export interface NetworkOptions {
  readonly architecture: Architecture;
  /**
   * He et al. 2015, section 3.3. A: subsample and add zero channels, no parameters. B: 1x1 projection with batch
   * normalisation where the shape changes. C: the projection in every block. Default: A for CIFAR networks, B for
   * ImageNet networks. Not for plain nets.
   */
  readonly shortcut?: Shortcut | undefined;
  /**
   * Where option A puts the zero channels. after (default): behind the data, as in the authors' Torch successor. both:
   * half before and half behind, as in other CIFAR code.
   */
  readonly shortcutPadding?: 'after' | 'both' | undefined;
  /** Where a bottleneck strides. v1: first 1x1, as the authors. v1.5 (default): the 3x3, as torchvision. */
  readonly variant?: 'v1' | 'v1.5' | undefined;
  /** The last gamma of each block starts at 0, so that the block starts as its shortcut (Goyal et al. 2017, 5.1). */
  readonly zeroInitResidual?: boolean | undefined;
  /** At least 2. */
  readonly numClasses: number;
  /** Side of the square input in pixels, at least 16. Default: 32 for CIFAR networks, 224 for ImageNet networks. */
  readonly imageSize?: number | undefined;
}

/** The table's row of the network that is asked for. Throws RefusedInputError naming every fault. */
export function checkedRow(options: NetworkOptions): ArchitectureRow {
  const faults: { path: string; message: string }[] = [];
  const row: ArchitectureRow | undefined = Object.hasOwn(ARCHITECTURE_TABLE, options.architecture)
    ? ARCHITECTURE_TABLE[options.architecture]
    : undefined;
  if (row === undefined) {
    faults.push({ path: 'architecture', message: `${options.architecture} is none of ${ARCHITECTURES.join(', ')}` });
  } else {
    faults.push(...modelFaults(options));
  }
  // Types hold for TypeScript alone: a JSON file can say anything.
  const oneOf = (path: 'shortcut' | 'shortcutPadding' | 'variant', known: readonly string[]): void => {
    const value = options[path];
    if (value !== undefined && !known.includes(value)) {
      faults.push({ path, message: `must be one of ${known.join(', ')}, not ${value}` });
    }
  };
  oneOf('shortcut', SHORTCUTS);
  oneOf('shortcutPadding', SHORTCUT_PADDINGS);
  oneOf('variant', BOTTLENECK_VARIANTS);
  if (!Number.isSafeInteger(options.numClasses) || options.numClasses < 2) {
    faults.push({ path: 'numClasses', message: `must be an integer of at least 2, not ${options.numClasses}` });
  }
  const { imageSize } = options;
  if (imageSize !== undefined && (!Number.isSafeInteger(imageSize) || imageSize < 16)) {
    faults.push({ path: 'imageSize', message: `must be an integer of at least 16 pixels, not ${imageSize}` });
  }
  if (row === undefined || faults.length > 0) {
    const list = faults.map((fault) => `${fault.path}: ${fault.message}`).join('; ');
    throw new RefusedInputError(`no such network: ${list}`, faults);
  }
  return row;
}
