import { DATA_TYPES } from '#tensorflow-graph';
import { loadBinding, type NativeBinding } from '#tensorflow-runtime';

/** Attribute kinds of TensorFlow's C API (TF_AttrType), as the binding names them. */
interface OperationAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: string | number | boolean;
}

/** The binding's entry for single operations, beside the sessions of `#tensorflow-runtime`. */
interface EagerBinding extends NativeBinding {
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  executeOp(
    name: string,
    attributes: readonly OperationAttribute[],
    inputs: readonly number[],
    numOutputs: number,
  ): readonly { readonly id: number; readonly shape: readonly number[] }[];
}

/**
 * Runs single TensorFlow operations on the calling thread.
 *
 * Not a session, on purpose: all sessions of a process share one pool of threads, sized for the engines. An image
 * decoded by a session would wait until an engine has finished its step, one image a step. A single operation runs
 * where it is called, and its bits do not depend on any pool.
 */
export class EagerOperations {
  private readonly binding = loadBinding() as EagerBinding;

  string(name: string, value: string): OperationAttribute {
    return { name, type: this.binding.TF_ATTR_STRING, value };
  }

  int(name: string, value: number): OperationAttribute {
    return { name, type: this.binding.TF_ATTR_INT, value };
  }

  bool(name: string, value: boolean): OperationAttribute {
    return { name, type: this.binding.TF_ATTR_BOOL, value };
  }

  type(name: string, value: 'uint8' | 'int32'): OperationAttribute {
    return { name, type: this.binding.TF_ATTR_TYPE, value: DATA_TYPES[value] };
  }

  /** A scalar string tensor; borrows nothing. */
  bytes(value: Uint8Array): number {
    return this.binding.createTensor([], DATA_TYPES.string, [value]);
  }

  ints(values: readonly number[]): number {
    return this.binding.createTensor([values.length], DATA_TYPES.int32, Int32Array.from(values));
  }

  /** A tensor over the caller's memory, which must stay as it is until `free`. */
  pixels(values: Uint8Array, shape: readonly number[]): number {
    return this.binding.createTensor(shape, DATA_TYPES.uint8, values);
  }

  /** Runs an operation of one output. */
  run(name: string, attributes: readonly OperationAttribute[], inputs: readonly number[]): { id: number; shape: readonly number[] } {
    const [output] = this.binding.executeOp(name, attributes, inputs, 1);
    if (output === undefined) throw new Error(`${name} gave no output`);
    return output;
  }

  /** A copy of a tensor's elements, in the thread's own memory. */
  read(tensor: number): Uint8Array | Float32Array {
    return this.binding.tensorDataSync(tensor) as Uint8Array | Float32Array;
  }

  free(...tensors: readonly number[]): void {
    for (const tensor of tensors) this.binding.deleteTensor(tensor);
  }

  /** Live tensors of this thread. */
  get numTensors(): number {
    return this.binding.getNumOfTensors();
  }
}
