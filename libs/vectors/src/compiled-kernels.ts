import { existsSync, readFileSync } from 'node:fs';

/** The bytes of the WebAssembly module that `libs/LIBRARY/kernels` is compiled to. */
export function compiledKernels(library: string): Uint8Array {
  // Beside the compiled libraries or the programs; tests run the sources, and what is compiled lies in dist.
  const places = ['../../', '../libs/', '../../../dist/libs/'];
  const files = places.map((place) => new URL(`${place}${library}/kernels.wasm`, import.meta.url));
  const built = files.find((file) => existsSync(file));
  if (built === undefined) throw new Error(`the kernels of libs/${library} are not built: npm run build:kernels`);
  return readFileSync(built);
}
