import type { TensorInfo } from '../safetensors-header.js';

/** Where the numbers of tensors lie: `data/KEY` of the archive. */
export class StorageRef {
  constructor(
    readonly key: string,
    /** Of its elements; U8 where the tensors say what they are. */
    readonly dtype: string,
    readonly numElements: number,
  ) {}
}

/** A tensor as a view of a storage. Offset and strides count elements. */
export class TensorRef implements TensorInfo {
  constructor(
    readonly storage: StorageRef,
    readonly dtype: string,
    readonly shape: readonly number[],
    readonly view: { readonly offset: number; readonly strides: readonly number[] },
  ) {}
}

/** A list; tuples are arrays. */
export class PickledList {
  readonly items: PickleValue[] = [];
}

/** What stands beside weights and is not looked into: an object whose class was never loaded. */
export class OpaqueObject {
  constructor(readonly of: string) {}
}

/** A class or function of Python that a pickle names: what stands for its call. Nothing of Python is run. */
export class PickledGlobal {
  constructor(
    readonly name: string,
    readonly call: (args: readonly PickleValue[]) => PickleValue,
    /** Of a storage class or a dtype: that of its elements. */
    readonly dtype?: string,
  ) {}
}

export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly PickleValue[]
  | PickledList
  | Map<PickleValue, PickleValue>
  | StorageRef
  | TensorRef
  | OpaqueObject
  | PickledGlobal;
