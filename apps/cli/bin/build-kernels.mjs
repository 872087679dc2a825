/**
 * `npm run build:kernels`: compiles the AssemblyScript in libs/NAME/kernels to dist/libs/NAME/kernels.wasm, with SIMD and
 * without a runtime, as the callers lay out the memory.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

// 112 warns of functions on SIMD vectors that JavaScript cannot call: those one kernel file takes from another.
const OPTIONS = ['-O3', '--enable', 'simd', '--runtime', 'stub', '--noAssert', '--disableWarning', '112'];

/** Libraries that have kernels: where their sources are and what they are compiled to, from `root` on. */
export function kernelLibraries(root) {
  const libs = existsSync(join(root, 'libs')) ? readdirSync(join(root, 'libs')) : [];
  return libs
    .map((name) => ({ folder: join('libs', name, 'kernels'), compiled: join('dist', 'libs', name, 'kernels.wasm') }))
    .filter(({ folder }) => existsSync(join(root, folder)));
}

async function build(root) {
  const { default: asc } = await import('assemblyscript/asc');
  for (const { folder, compiled } of kernelLibraries(root)) {
    const sources = readdirSync(join(root, folder)).filter((name) => name.endsWith('.ts'));
    const files = sources.sort().map((name) => join(folder, name));
    const { error } = await asc.main([...files, '-o', compiled, ...OPTIONS, '--baseDir', root], {
      stderr: process.stderr,
    });
    if (error !== null) process.exitCode = 1;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href)
  await build(fileURLToPath(new URL('../../..', import.meta.url)));
