import type { ProvisionProgress } from '#provision';

/** What a source may use while it fills a folder. */
interface FillContext {
  readonly progress: ProvisionProgress;
  /** The binding's npm package: its C++ sources and scripts. */
  readonly packageDirectory: string;
  /** Where downloads are kept until a build has used them. */
  readonly downloadDirectory: string;
  readonly signal?: AbortSignal;
}

/** One way to a working binding. Adding a way adds a file and a line in `sourcesFor`. */
export interface BindingSource {
  /** In plain words, for a line of the log: `the published binding`. */
  readonly name: string;
  /** Name of its entry in the cache. */
  readonly key: string;
  /** `tensorflow-cpu 2.21.0 from its Python wheel, binding built here`. */
  readonly description: string;
  /** Versions of the libraries that it brings besides TensorFlow, by the names of their packages. */
  readonly libraries?: Readonly<Record<string, string>>;
  /** Fills an empty folder with `lib/napi-v8/tfjs_binding.node` and `deps/lib`, or throws with the reason in words. */
  fill(folder: string, context: FillContext): Promise<void>;
}
