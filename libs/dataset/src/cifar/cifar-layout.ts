/**
 * The binary versions of CIFAR-10 and CIFAR-100 (Krizhevsky 2009, https://www.cs.toronto.edu/~kriz/cifar.html): records
 * of one or two label bytes and 3072 bytes of pixels, 1024 red, 1024 green, 1024 blue, each 32 rows of 32.
 */
export interface CifarLayout {
  readonly train: readonly string[];
  readonly val: readonly string[];
  /** The label bytes at the start of a record, in order. */
  readonly labelBytes: readonly { readonly name: string; readonly numClasses: number }[];
  /** Which of them is the class. */
  readonly labelAt: number;
  /** One class name a line. */
  readonly namesFile: string;
  /** Folder that the published archive unpacks to. */
  readonly archiveFolder: string;
  /** The published archive. */
  readonly archive: string;
  /** Files of the Python and MATLAB versions, which are not read, and the folders that they are unpacked to. */
  readonly otherVersions: readonly string[];
}

export const CIFAR_SIDE = 32;
export const CIFAR_IMAGE_BYTES = 3 * CIFAR_SIDE * CIFAR_SIDE;

export const CIFAR10: CifarLayout = {
  train: [1, 2, 3, 4, 5].map((batch) => `data_batch_${batch}.bin`),
  val: ['test_batch.bin'],
  labelBytes: [{ name: 'label', numClasses: 10 }],
  labelAt: 0,
  namesFile: 'batches.meta.txt',
  archiveFolder: 'cifar-10-batches-bin',
  archive: 'cifar-10-binary.tar.gz',
  otherVersions: ['data_batch_1', 'data_batch_1.mat', 'cifar-10-batches-py', 'cifar-10-batches-mat'],
};

const CIFAR100_FILES = {
  train: ['train.bin'],
  val: ['test.bin'],
  labelBytes: [
    { name: 'coarse label', numClasses: 20 },
    { name: 'fine label', numClasses: 100 },
  ],
  archiveFolder: 'cifar-100-binary',
  archive: 'cifar-100-binary.tar.gz',
  otherVersions: ['train', 'train.mat', 'cifar-100-python', 'cifar-100-matlab'],
} as const;

export const CIFAR100: Readonly<Record<'fine' | 'coarse', CifarLayout>> = {
  coarse: { ...CIFAR100_FILES, labelAt: 0, namesFile: 'coarse_label_names.txt' },
  fine: { ...CIFAR100_FILES, labelAt: 1, namesFile: 'fine_label_names.txt' },
};

/** Bytes of a record: 3073 or 3074. */
export function cifarRecordBytes({ labelBytes }: CifarLayout): number {
  return labelBytes.length + CIFAR_IMAGE_BYTES;
}
