import { DATA_TYPES } from '#tensorflow-graph';
import { loadBinding, type NativeBinding } from '#tensorflow-runtime';

/** An attribute of an operation; `type` is a TF_AttrType of TensorFlow's C API. */
export interface OperationAttribute {
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
  ): readonly EagerTensor[];
}

export interface EagerTensor {
  readonly id: number;
  readonly shape: readonly number[];
}

/**
 * Runs single TensorFlow operations on the calling thread.
 *
 * Not a session, on purpose: all sessions of a process share one pool of threads, sized for the engines. An image
 * decoded by a session would wait until an engine has finished its step: one image a step. A single operation runs
 * where it is called.
 */
export class EagerOperations {
  readonly #binding = loadEagerBinding();
  #live: number[] = [];

  /** Frees every tensor that `work` made, whether or not it throws. */
  scoped<Result>(work: () => Result): Result {
    const outer = this.#live;
    this.#live = [];
    try {
      return work();
    } finally {
      for (const id of this.#live) this.#binding.deleteTensor(id);
      this.#live = outer;
    }
  }

  string(name: string, value: string): OperationAttribute {
    return { name, type: this.#binding.TF_ATTR_STRING, value };
  }

  int(name: string, value: number): OperationAttribute {
    return { name, type: this.#binding.TF_ATTR_INT, value };
  }

  bool(name: string, value: boolean): OperationAttribute {
    return { name, type: this.#binding.TF_ATTR_BOOL, value };
  }

  type(name: string, value: 'uint8' | 'int32' | 'float32'): OperationAttribute {
    return { name, type: this.#binding.TF_ATTR_TYPE, value: DATA_TYPES[value] };
  }

  /** A scalar of bytes, which are copied. */
  bytes(value: Uint8Array): EagerTensor {
    return this.#tensor([], DATA_TYPES.string, [value]);
  }

  ints(...values: readonly number[]): EagerTensor {
    return this.#tensor([values.length], DATA_TYPES.int32, Int32Array.from(values));
  }

  /** Runs an operation of one output. Throws the binding's error, whose text is TensorFlow's status. */
  run(name: string, attributes: readonly OperationAttribute[], ...inputs: readonly EagerTensor[]): EagerTensor {
    const ids = inputs.map((tensor) => tensor.id);
    const [output] = this.#binding.executeOp(name, attributes, ids, 1);
    if (output === undefined) throw new Error(`${name} gave no output`);
    this.#live.push(output.id);
    return output;
  }

  float(value: number): EagerTensor {
    return this.#tensor([], DATA_TYPES.float32, Float32Array.of(value));
  }

  /** A copy of the elements of an int32 or float32 tensor; the binding reads no uint8. */
  read(tensor: EagerTensor): Int32Array | Float32Array {
    const data = this.#binding.tensorDataSync(tensor.id);
    if (!isWide(data)) throw new TypeError('neither an int32 nor a float32 tensor');
    return data;
  }

  #tensor(shape: readonly number[], dtype: number, data: Parameters<NativeBinding['createTensor']>[2]): EagerTensor {
    const id = this.#binding.createTensor(shape, dtype, data);
    this.#live.push(id);
    return { id, shape };
  }
}

function loadEagerBinding(): EagerBinding {
  const binding = loadBinding();
  if (!isEager(binding)) throw new Error('the TensorFlow binding runs no single operations');
  return binding;
}

function isEager(binding: NativeBinding): binding is EagerBinding {
  return 'executeOp' in binding;
}

/** By tag rather than instanceof: the binding's arrays may be of another realm. */
function isWide(data: ReturnType<NativeBinding['tensorDataSync']>): data is Int32Array | Float32Array {
  return ['[object Int32Array]', '[object Float32Array]'].includes(Object.prototype.toString.call(data));
}
