import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The npm package whose native half is provisioned. On one machine it drives a CPU or a GPU, by the library linked. */
const PACKAGE = '@tensorflow/tfjs-node-gpu';

/** N-API versions the package knows end at 8; node-pre-gyp picks the highest that Node has too. */
const HIGHEST_NAPI = 8;

/** The folder of the binding's npm package in this checkout. */
export function bindingPackageDirectory(): string {
  return dirname(createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`));
}

/**
 * The native parts, in the package or in a cache entry alike: the binding finds the library by its rpath
 * `$ORIGIN/../../deps/lib`, and Node resolves links before it loads, so both halves keep their places to each other.
 */
export function nativePaths(root: string): { readonly binding: string; readonly libraries: string } {
  const napi = Math.min(HIGHEST_NAPI, Number(process.versions.napi));
  return { binding: join(root, 'lib', `napi-v${napi}`, 'tfjs_binding.node'), libraries: join(root, 'deps', 'lib') };
}

/** The two folders of a cache entry that the package in `node_modules` links to. */
export const LINKED_FOLDERS = ['lib', 'deps'] as const;

/** Name of a cache entry: what it is, for which system, for which Node ABI. */
export function cacheKey(what: string): string {
  return `${what}-${process.platform}-${process.arch}-abi${process.versions.modules}`;
}
