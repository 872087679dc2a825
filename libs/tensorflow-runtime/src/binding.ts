import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';

/** One tensor of the native side, as `runSavedModel` describes its outputs. */
export interface NativeTensor {
  readonly id: number;
  readonly shape: readonly number[];
  /** Number in TensorFlow's types.proto. */
  readonly dtype: number;
}

/** What the binding takes and gives as a tensor's elements; strings are arrays of bytes. */
export type NativeData = Float32Array | Int32Array | Uint8Array | readonly Uint8Array[];

/** The part of the published binding (`tfjs_binding.node` of tfjs-node 4.22) that Skiplane calls. All synchronous. */
export interface NativeBinding {
  readonly TF_Version: string;
  /** Shares the memory of a typed array with TensorFlow until the tensor is deleted. */
  createTensor(shape: readonly number[], dtype: number, data: NativeData): number;
  deleteTensor(id: number): void;
  /** A copy of the elements. */
  tensorDataSync(id: number): NativeData;
  loadSavedModel(directory: string, tags: string): number;
  deleteSavedModel(id: number): void;
  /** Names are joined by commas. */
  runSavedModel(
    id: number,
    inputs: readonly number[],
    inputNames: string,
    outputNames: string,
  ): readonly NativeTensor[];
  isUsingGpuDevice(): boolean;
  getNumOfTensors(): number;
  getNumOfSavedModels(): number;
}

const PACKAGE = '@tensorflow/tfjs-node-gpu';

/** `RTLD_NODELETE`, which Node does not name. */
const NEVER_UNLOAD = process.platform === 'darwin' ? 0x80 : 0x1000;

let loaded: NativeBinding | undefined;

/**
 * Loads TensorFlow into this thread, once. Set the number of threads first (`configureThreads`).
 *
 * Only the native file is loaded, not the JavaScript around it: that would cost a second and replace nothing here. It
 * stays loaded to the end of the process: `require` would unload it with the thread that loaded it, under the feet of
 * TensorFlow's own threads, and the process would end in a segmentation fault.
 *
 * Throws when the runtime was not provisioned or cannot be linked; `cause` is the loader's own error.
 */
export function loadBinding(): NativeBinding {
  if (loaded !== undefined) return loaded;
  const require = createRequire(import.meta.url);
  try {
    const directory = dirname(require.resolve(`${PACKAGE}/package.json`));
    const module: { exports: unknown } = { exports: {} };
    const file = join(directory, 'lib', 'napi-v8', 'tfjs_binding.node');
    process.dlopen(module, file, constants.dlopen.RTLD_LAZY | NEVER_UNLOAD);
    loaded = module.exports as NativeBinding;
    return loaded;
  } catch (cause) {
    throw new Error(`TensorFlow's native library could not be loaded; provision it with \`skiplane doctor --fix\``, {
      cause,
    });
  }
}
