import { type AttributeMessage, attribute } from './attribute.js';
import type { DataType, Shape } from './data-type.js';

/** One output of an operation in a graph. */
export interface Tensor {
  readonly operation: string;
  readonly output: number;
  readonly dtype: DataType;
}

/** TensorFlow's `NodeDef`. */
export interface NodeMessage {
  readonly name: string;
  readonly op: string;
  readonly input: readonly string[];
  readonly device: string;
  readonly attr: Readonly<Record<string, AttributeMessage>>;
}

export interface OperationOptions {
  readonly inputs?: readonly Tensor[];
  /** Operations that must have run before this one. */
  readonly after?: readonly Tensor[];
  readonly attributes?: Readonly<Record<string, AttributeMessage>>;
  /** Data type of each output; none for an operation that is run for its effect. */
  readonly outputs?: readonly DataType[];
  /** Default: the enclosing scope and the operation type, made unique. */
  readonly name?: string;
}

/** The name by which sessions and signatures call a tensor, e.g. `gradients:0`. */
export function tensorName(tensor: Tensor): string {
  return `${tensor.operation}:${tensor.output}`;
}

/** A tensor as an input of a node. */
export function inputName(tensor: Tensor): string {
  return tensor.output === 0 ? tensor.operation : tensorName(tensor);
}

/**
 * Collects the operations of one TensorFlow graph. Pure bookkeeping: nothing is checked against TensorFlow's operation
 * definitions until a session loads the graph.
 */
export class GraphBuilder {
  readonly #nodes: NodeMessage[] = [];
  readonly #outputs = new Map<string, readonly DataType[]>();
  readonly #uses = new Map<string, number>();
  #scope = '';
  #device = '';
  #order: { readonly types: ReadonlySet<string>; last: string | null } | null = null;

  get nodes(): readonly NodeMessage[] {
    return this.#nodes;
  }

  /** Adds an operation and returns a reference to each of its outputs. */
  operation(type: string, options: OperationOptions = {}): readonly Tensor[] {
    const name = this.#uniqueName(this.scopedName(options.name ?? type));
    this.#nodes.push({
      name,
      op: type,
      input: [
        ...(options.inputs ?? []).map(inputName),
        ...(options.after ?? []).map((tensor) => `^${tensor.operation}`),
        ...this.#orderAfter(type, name),
      ],
      device: this.#device,
      attr: options.attributes ?? {},
    });
    const outputs = options.outputs ?? [];
    this.#outputs.set(name, outputs);
    return outputs.map((dtype, output) => ({ operation: name, output, dtype }));
  }

  /** Adds an operation like one that is there, with other inputs, which are as in a `NodeMessage`. */
  copy(node: NodeMessage, input: readonly string[]): readonly Tensor[] {
    const name = this.#uniqueName(this.#scope + node.name);
    this.#nodes.push({ ...node, name, input });
    const outputs = this.outputsOf(node.name);
    this.#outputs.set(name, outputs);
    return outputs.map((dtype, output) => ({ operation: name, output, dtype }));
  }

  /** The data type of each output of an operation. */
  outputsOf(operation: string): readonly DataType[] {
    return this.#outputs.get(operation) ?? [];
  }

  /** Adds an operation with one output. */
  tensor(type: string, dtype: DataType, options: Omit<OperationOptions, 'outputs'> = {}): Tensor {
    const [tensor] = this.operation(type, { ...options, outputs: [dtype] });
    if (tensor === undefined) throw new Error(`operation ${type} gave no output`);
    return tensor;
  }

  /** Adds an operation that is run for its effect; use the result as `after` only. */
  effect(type: string, options: Omit<OperationOptions, 'outputs'> = {}): Tensor {
    // An operation without outputs has no tensor 0; the reference serves as a control input alone.
    return this.tensor(type, 'resource', options);
  }

  /** An input that is fed in each run; -1 in the shape is a size that may change from run to run. */
  placeholder(name: string, dtype: DataType, shape: Shape): Tensor {
    return this.tensor('Placeholder', dtype, {
      name,
      attributes: { dtype: attribute.type(dtype), shape: attribute.shape(shape) },
    });
  }

  /** An input that is `computed` where it is not fed; its shape is what is declared, not what `computed` is known to have. */
  placeholderOr(name: string, computed: Tensor, shape: Shape): Tensor {
    return this.tensor('PlaceholderWithDefault', computed.dtype, {
      name,
      inputs: [computed],
      attributes: { dtype: attribute.type(computed.dtype), shape: attribute.shape(shape) },
    });
  }

  /** Prefixes the names of what `build` adds, e.g. `forward/layer1.0.conv1/`. */
  scope<Result>(name: string, build: () => Result): Result {
    const outer = this.#scope;
    this.#scope = `${outer}${name}/`;
    try {
      return build();
    } finally {
      this.#scope = outer;
    }
  }

  /** A name with the prefixes of the scopes around. */
  scopedName(name: string): string {
    return this.#scope + name;
  }

  /** Places what `build` adds on a device, e.g. `/device:GPU:0`; by default, and by an empty name, TensorFlow chooses. */
  onDevice<Result>(device: string, build: () => Result): Result {
    const outer = this.#device;
    this.#device = device;
    try {
      return build();
    } finally {
      this.#device = outer;
    }
  }

  /**
   * Lets the operations of the given types that `build` adds run one after the other, in the order in which they are
   * added. Where several sessions share a pool of threads, each then stays on one thread and in its cache.
   */
  inOrder<Result>(types: ReadonlySet<string>, build: () => Result): Result {
    const outer = this.#order;
    this.#order = { types, last: null };
    try {
      return build();
    } finally {
      this.#order = outer;
    }
  }

  #orderAfter(type: string, name: string): readonly string[] {
    if (!this.#order?.types.has(type)) return [];
    const { last } = this.#order;
    this.#order.last = name;
    return last === null ? [] : [`^${last}`];
  }

  #uniqueName(wanted: string): string {
    const uses = this.#uses.get(wanted) ?? 0;
    this.#uses.set(wanted, uses + 1);
    // Recursion because `wanted_1` itself may have been asked for by name before.
    return uses === 0 ? wanted : this.#uniqueName(`${wanted}_${uses}`);
  }
}
