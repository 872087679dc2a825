import { RefusedInputError } from '#contracts';
import { DTYPE_BYTES, numElements } from '../safetensors-header.js';
import { PickledGlobal, StorageRef, TensorRef, type PickleValue } from './pickle-values.js';

/** PyTorch itself stops at 64. */
const MAX_DIMENSIONS = 64;

/** `("storage", torch.FloatStorage, "0", "cpu", 9408)`: whatever the device was, its numbers are in the archive. */
export function storageOf(id: PickleValue): StorageRef {
  const [kind, type, key, , count] = Array.isArray(id) ? (id as readonly PickleValue[]) : [];
  if (kind !== 'storage' || typeof key !== 'string' || !Number.isSafeInteger(count) || Number(count) < 0) {
    throw refused('a storage without a name or a size');
  }
  // Of a refused type: the file is refused for it in the end.
  const dtype = type instanceof PickledGlobal ? type.dtype : undefined;
  return new StorageRef(key, dtype ?? 'U8', Number(count));
}

/** `torch._utils._rebuild_tensor(storage, offset, size, stride)` and, with more arguments, `_rebuild_tensor_v2`. */
export function rebuiltTensor([storage, offset, size, stride]: readonly PickleValue[]): TensorRef {
  if (!(storage instanceof StorageRef)) throw refused('a tensor without a storage');
  return tensorOf(storage, storage.dtype, { offset, size, stride });
}

/** `torch._utils._rebuild_tensor_v3(storage, offset, size, stride, requires_grad, hooks, dtype)`: storages of bytes. */
export function rebuiltTensorOfBytes([storage, offset, size, stride, , , type]: readonly PickleValue[]): TensorRef {
  if (!(storage instanceof StorageRef)) throw refused('a tensor without a storage');
  if (!(type instanceof PickledGlobal) || type.dtype === undefined) throw refused('a tensor without a type');
  return tensorOf(storage, type.dtype, { offset, size, stride });
}

/** `torch._utils._rebuild_parameter(tensor, requires_grad, hooks)`. */
export function rebuiltParameter([tensor]: readonly PickleValue[]): TensorRef {
  if (!(tensor instanceof TensorRef)) throw refused('a parameter without a tensor');
  return tensor;
}

/** `torch._tensor._rebuild_from_type_v2(function, type, arguments, state)`: a tensor with attributes. */
export function rebuiltFromType([rebuild, , args]: readonly PickleValue[]): PickleValue {
  if (!(rebuild instanceof PickledGlobal) || !Array.isArray(args)) throw refused('a tensor of an unknown kind');
  return rebuild.call(args);
}

function tensorOf(
  storage: StorageRef,
  dtype: string,
  { offset, size, stride }: Readonly<Record<'offset' | 'size' | 'stride', PickleValue | undefined>>,
): TensorRef {
  if (!isCount(offset) || !isCounts(size) || !isCounts(stride) || size.length !== stride.length) {
    throw refused('a tensor whose offset, shape or strides are no counts');
  }
  const elementBytes = DTYPE_BYTES[dtype] ?? 1;
  const storageBytes = storage.numElements * (DTYPE_BYTES[storage.dtype] ?? 1);
  const endBytes = (offset + spanOf(size, stride)) * elementBytes;
  if (!(endBytes <= storageBytes) || !Number.isSafeInteger(numElements(size))) {
    throw refused(`a tensor [${size.join(', ')}] that ends at byte ${endBytes} of a storage of ${storageBytes}`);
  }
  return new TensorRef(storage, dtype, size, { offset, strides: stride });
}

/** From the first element of a view to behind its last one, in elements. */
export function spanOf(shape: readonly number[], strides: readonly number[]): number {
  if (shape.includes(0)) return 0;
  return shape.reduce((last, size, axis) => last + (size - 1) * (strides[axis] ?? 0), 1);
}

const isCount = (value: PickleValue | undefined): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

const isCounts = (value: PickleValue | undefined): value is readonly number[] =>
  Array.isArray(value) && value.length <= MAX_DIMENSIONS && value.every(isCount);

const refused = (what: string): RefusedInputError => new RefusedInputError(`a damaged file: ${what}`);
