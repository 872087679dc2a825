import type { FileHandle } from 'node:fs/promises';
import { RefusedInputError } from '#contracts';
import type { StoredTensor } from '../safetensors-codec.js';
import { DTYPE_BYTES, numElements } from '../safetensors-header.js';
import { namedTensors } from './named-tensors.js';
import type { StorageRef, TensorRef } from './pickle-values.js';
import { spanOf } from './rebuilt-tensor.js';
import { isContiguous, rowMajor, swapped } from './strided-bytes.js';
import { unpickle } from './unpickle.js';
import { ZipRecords } from './zip-records.js';

/** 25,000 tensors, their names and shapes, have 4 MB. */
const MAX_PICKLE_BYTES = 2 ** 25;
const MAX_BYTE_ORDER_BYTES = 16;
/** Of a tensor that repeats the numbers of its storage, which no weights of size do. */
const MAX_EXPANDED_BYTES = 2 ** 24;

/** What `torch.save` wrote: a zip of one pickle and a file for each storage. */
export class PytorchTensors {
  readonly tensors: ReadonlyMap<string, TensorRef>;
  readonly #records: ZipRecords;
  readonly #folder: string;
  readonly #isBigEndian: boolean;

  private constructor(
    records: ZipRecords,
    folder: string,
    found: { tensors: ReadonlyMap<string, TensorRef>; isBigEndian: boolean },
  ) {
    this.#records = records;
    this.#folder = folder;
    this.tensors = found.tensors;
    this.#isBigEndian = found.isBigEndian;
  }

  /**
   * Finds the tensors of a zip; the file stays the caller's. Nothing of it is run. Throws RefusedInputError where it is
   * another zip, damaged, or holds more than tensors and plain containers.
   */
  static async open(file: FileHandle): Promise<PytorchTensors> {
    const records = await ZipRecords.open(file);
    const folder = folderOf(records.names);
    const pickleBytes = records.sizeOf(`${folder}/data.pkl`) ?? 0;
    if (pickleBytes > MAX_PICKLE_BYTES) {
      throw new RefusedInputError(`its pickle of ${pickleBytes} bytes is over ${MAX_PICKLE_BYTES}`);
    }
    const tensors = namedTensors(unpickle(await records.read(`${folder}/data.pkl`, 0, pickleBytes)));
    if (tensors.size === 0) throw new RefusedInputError('holds no tensors under names: a state dict is expected');
    for (const { storage } of tensors.values()) checkStorage(records, folder, storage);
    return new PytorchTensors(records, folder, { tensors, isBigEndian: await isBigEndian(records, folder) });
  }

  /** The numbers of a tensor, row-major and little-endian. */
  async read({ storage, dtype, shape, view }: TensorRef): Promise<StoredTensor> {
    const elementBytes = DTYPE_BYTES[dtype] ?? 1;
    const sizeBytes = numElements(shape) * elementBytes;
    if (sizeBytes > MAX_EXPANDED_BYTES && sizeBytes > (this.#records.sizeOf(recordOf(this.#folder, storage)) ?? 0)) {
      throw new RefusedInputError(`a tensor [${shape.join(', ')}] repeats the numbers of a smaller storage`);
    }
    const length = spanOf(shape, view.strides) * elementBytes;
    const stored = await this.#records.read(recordOf(this.#folder, storage), view.offset * elementBytes, length);
    const ordered = this.#isBigEndian ? swapped(stored, elementBytes) : stored;
    const { strides } = view;
    const data = isContiguous(shape, strides) ? ordered : rowMajor(ordered, elementBytes, { shape, strides });
    return { dtype, shape, data };
  }
}

const recordOf = (folder: string, { key }: StorageRef): string => `${folder}/data/${key}`;

function checkStorage(records: ZipRecords, folder: string, storage: StorageRef): void {
  const found = records.sizeOf(recordOf(folder, storage));
  const needed = storage.numElements * (DTYPE_BYTES[storage.dtype] ?? 1);
  if (found === undefined || found < needed) {
    throw new RefusedInputError(`storage ${storage.key} needs ${needed} bytes, the file has ${found ?? 'none'} of it`);
  }
}

/** What other zips hold, by a file in them. */
const OTHER_ZIPS: readonly (readonly [RegExp, string])[] = [
  [/^[^/]+\/(code\/|constants\.pkl$)/, 'is a TorchScript model: save its state_dict() with torch.save'],
  [/^[^/]+\/(archive_format|models\/)/, 'is an exported program of torch.export: save the state_dict() of its model'],
  [/\.npy$/, 'is a NumPy archive (.npz), not weights of PyTorch'],
  [/\.(pth|pt|ckpt|bin|safetensors)$/, 'is a zip around a weights file: unpack it first'],
  [
    /^\.metadata$|\/\.metadata$|\.distcp$/,
    'is a distributed checkpoint: torch.distributed.checkpoint.format_utils makes one file of it',
  ],
];

/** The one folder that a zip of PyTorch has. */
function folderOf(names: readonly string[]): string {
  const other = OTHER_ZIPS.find(([pattern]) => names.some((name) => pattern.test(name)));
  const folders = names.flatMap((name) => /^([^/]+)\/data\.pkl$/.exec(name)?.[1] ?? []);
  const [folder] = folders;
  if (other !== undefined) throw new RefusedInputError(other[1]);
  if (folder === undefined || folders.length > 1)
    throw new RefusedInputError('is a zip, but not one that torch.save writes');
  return folder;
}

async function isBigEndian(records: ZipRecords, folder: string): Promise<boolean> {
  const name = `${folder}/byteorder`;
  const length = records.sizeOf(name);
  // Versions of PyTorch before 2.1 wrote none.
  if (length === undefined) return false;
  const order = Buffer.from(await records.read(name, 0, Math.min(length, MAX_BYTE_ORDER_BYTES))).toString('latin1');
  if (order !== 'little' && order !== 'big') throw new RefusedInputError(`has the byte order ${JSON.stringify(order)}`);
  return order === 'big';
}
