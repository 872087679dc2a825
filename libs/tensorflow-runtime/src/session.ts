import { RefusedInputError } from '#contracts';
import { decodeSignatures, SERVE_TAG, type Signature, type Signatures } from '#tensorflow-graph';
import { loadBinding, type NativeBinding, type NativeData, type NativeTensor } from './binding.js';
import { readSignatures, withSavedModelFolder } from './saved-model-folder.js';
import { TensorFlowError } from './session-error.js';
import { checkFeeds, type Feeds } from './session-feed.js';
import { SessionTraffic, sizeOf } from './session-traffic.js';

/** A fetched tensor; the elements belong to the caller. */
export interface Fetched {
  readonly data: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer> | Uint8Array[];
  readonly shape: readonly number[];
}

/**
 * A loaded graph with its variables. Calls are synchronous and block the thread; a session belongs to the thread that
 * loaded it. Variables live until `close`.
 *
 * Cost of a run beside the graph's own: no copy of a fed typed array (TensorFlow reads the caller's memory), one copy of
 * each fetched tensor.
 */
export class Session {
  readonly signatures: Signatures;
  readonly traffic = new SessionTraffic();
  readonly #binding: NativeBinding;
  #modelId: number | undefined;

  private constructor(binding: NativeBinding, modelId: number, signatures: Signatures) {
    this.#binding = binding;
    this.#modelId = modelId;
    this.signatures = signatures;
  }

  /** Loads a SavedModel's folder. Throws TensorFlowError when TensorFlow refuses the graph. */
  static load(directory: string, binding: NativeBinding = loadBinding()): Session {
    return Session.#open(binding, directory, readSignatures(directory));
  }

  /** Loads the bytes of a `saved_model.pb`, by way of a temporary folder. */
  static fromBytes(bytes: Uint8Array, binding: NativeBinding = loadBinding()): Session {
    const signatures = decodeSignatures(bytes);
    return withSavedModelFolder(bytes, (directory) => Session.#open(binding, directory, signatures));
  }

  static #open(binding: NativeBinding, directory: string, signatures: Signatures): Session {
    try {
      return new Session(binding, binding.loadSavedModel(directory, SERVE_TAG), signatures);
    } catch (cause) {
      throw new TensorFlowError(`the graph could not be loaded: ${textOf(cause)}`, { cause });
    }
  }

  /**
   * Runs a signature. Throws RefusedInputError (unknown signature, wrong element type, shape or name; nothing was run)
   * or TensorFlowError (the graph failed; `cause` is the binding's error).
   */
  run(signatureName: string, feeds: Feeds = {}): Readonly<Record<string, Fetched>> {
    return this.#run(signatureName, this.#signature(signatureName), feeds);
  }

  /** The same, the outputs handed over one by one in the signature's order: the next is copied when `take` is done with one. */
  runEach(signatureName: string, take: (fetched: Fetched, output: string) => void, feeds: Feeds = {}): void {
    this.#runEach(signatureName, this.#signature(signatureName), feeds, take);
  }

  /** Runs as much of a signature as the named outputs need, and takes the inputs that these need alone. */
  runPart(signatureName: string, outputs: readonly string[], feeds: Feeds): Readonly<Record<string, Fetched>> {
    const whole = this.#signature(signatureName);
    const part = {
      inputs: taken(signatureName, whole.inputs, Object.keys(feeds)),
      outputs: taken(signatureName, whole.outputs, outputs),
    };
    return this.#run(signatureName, part, feeds);
  }

  #signature(name: string): Signature {
    const signature = this.signatures[name];
    if (signature !== undefined) return signature;
    const known = Object.keys(this.signatures).join(', ');
    throw new RefusedInputError(`the graph has no signature ${name}; it has ${known}`);
  }

  #run(name: string, signature: Signature, feeds: Feeds): Readonly<Record<string, Fetched>> {
    const fetched: Record<string, Fetched> = {};
    this.#runEach(name, signature, feeds, (each, output) => (fetched[output] = each));
    return fetched;
  }

  #runEach(name: string, signature: Signature, feeds: Feeds, take: (fetched: Fetched, output: string) => void): void {
    const modelId = this.#modelId;
    if (modelId === undefined) throw new RefusedInputError('the session is closed');
    const checked = checkFeeds(name, signature, feeds);
    const inputs: number[] = [];
    try {
      for (const { shape, dtype, data } of checked) inputs.push(this.#binding.createTensor(shape, dtype, data));
      let fetchedBytes = 0;
      this.#fetch(name, signature, { modelId, inputs }, (fetched, output) => {
        fetchedBytes += sizeOf(fetched.data);
        take(fetched, output);
      });
      this.traffic.count(name, checked, fetchedBytes);
    } finally {
      for (const id of inputs) this.#binding.deleteTensor(id);
    }
  }

  /** Frees the graph and its variables. A closed session refuses to run; closing twice does nothing. */
  close(): void {
    if (this.#modelId === undefined) return;
    this.#binding.deleteSavedModel(this.#modelId);
    this.#modelId = undefined;
  }

  #fetch(
    name: string,
    signature: Signature,
    { modelId, inputs }: { readonly modelId: number; readonly inputs: readonly number[] },
    take: (fetched: Fetched, output: string) => void,
  ): void {
    const inputNames = Object.values(signature.inputs).map((spec) => spec.name);
    const outputs = Object.entries(signature.outputs);
    const outputNames = outputs.map(([, spec]) => spec.name);
    let tensors: readonly NativeTensor[];
    try {
      tensors = this.#binding.runSavedModel(modelId, inputs, inputNames.join(','), outputNames.join(','));
    } catch (cause) {
      throw new TensorFlowError(`signature ${name} failed: ${textOf(cause)}`, { cause });
    }
    try {
      for (const [index, { id, shape }] of tensors.entries())
        take({ data: inOwnRealm(this.#binding.tensorDataSync(id)), shape }, outputs[index]?.[0] ?? String(index));
    } finally {
      for (const tensor of tensors) this.#binding.deleteTensor(tensor.id);
    }
  }
}

function taken<Spec>(
  signatureName: string,
  specs: Readonly<Record<string, Spec>>,
  names: readonly string[],
): Readonly<Record<string, Spec>> {
  return Object.fromEntries(
    names.map((name) => {
      const spec = specs[name];
      if (spec === undefined) throw new RefusedInputError(`signature ${signatureName} has no tensor ${name}`);
      return [name, spec];
    }),
  );
}

function textOf(cause: unknown): string {
  return cause instanceof Error
    ? cause.message
    : String((cause as { message?: unknown } | undefined)?.message ?? cause);
}

/**
 * The same memory as an array of the caller's realm: the binding makes arrays of the realm it was first loaded in, which
 * in a test runner is another one, where `instanceof` fails.
 */
function inOwnRealm(data: NativeData): Fetched['data'] {
  if (Array.isArray(data)) return data.map((bytes: Uint8Array) => new Uint8Array(bytes));
  const view = data as Float32Array<ArrayBuffer>;
  switch (view[Symbol.toStringTag] as string) {
    case 'Float32Array':
      return new Float32Array(view.buffer, view.byteOffset, view.length);
    case 'Int32Array':
      return new Int32Array(view.buffer, view.byteOffset, view.length);
    case 'Uint8Array':
      return new Uint8Array(view.buffer, view.byteOffset, view.length);
    default:
      throw new TypeError(`TensorFlow returned a ${view[Symbol.toStringTag]}, which no signature of Skiplane fetches`);
  }
}
