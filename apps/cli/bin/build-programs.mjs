/**
 * `npm run build:programs`: bundles the compiled programs of a stack, and the threads and processes that they start, into
 * dist/programs. A program in a few files starts in half the time and less that it takes Node to load hundreds.
 */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

/**
 * What each is bundled from, seen from dist. They lie in one folder, where `new URL('./NAME.js', import.meta.url)` finds a
 * bundled thread as it finds a compiled one in its library.
 */
const PROGRAMS = {
  coordinator: 'apps/coordinator/src/main.js',
  'dataset-scan-process': 'apps/coordinator/src/datasets/dataset-scan-process.js',
  'sample-process': 'apps/coordinator/src/datasets/sample-process.js',
  'export-thread': 'apps/coordinator/src/exports/export-thread.js',
  'disk-thread': 'libs/dataset/src/disk-threads/disk-thread.js',
  'parameter-server': 'apps/parameter-server/src/main.js',
  worker: 'apps/worker/src/main.js',
  'engine-thread': 'libs/engine/src/pool/engine-thread.js',
  'inference-thread': 'libs/engine/src/pool/inference-thread.js',
  'data-thread': 'libs/data-loading/src/loader/data-thread.js',
  'checkpoint-thread': 'libs/training/src/checkpoint/checkpoint-thread.js',
  'upload-thread': 'libs/training/src/checkpoint/upload-thread.js',
  'test-crop-thread': 'libs/evaluation/src/protocols/test-crop-thread.js',
  'prediction-thread': 'libs/evaluation/src/prediction/prediction-thread.js',
};
/** Packages of many small ES modules that are loaded at every start. All others stay where npm put them. */
const BUNDLED_PACKAGES = ['zod', 'hyparquet', 'hyparquet-compressors', 'csv-parse', 'pure-rand'];

/** A stack that runs from an earlier build may still load a part of it. */
const KEPT_MS = 7 * 86_400_000;

const isOurs = (id) => /^[./#]/.test(id) || BUNDLED_PACKAGES.some((name) => id === name || id.startsWith(`${name}/`));

const root = fileURLToPath(new URL('../../..', import.meta.url));
const dist = join(root, 'dist');
const bundle = await rolldown({
  input: Object.fromEntries(Object.entries(PROGRAMS).map(([name, file]) => [name, join(dist, file)])),
  cwd: root,
  platform: 'node',
  external: (id) => !isOurs(id),
});
const programs = join(dist, 'programs');
const { output } = await bundle.write({ dir: programs, format: 'esm', chunkFileNames: '[name]-[hash].js' });
await bundle.close();
for (const { code = '' } of output) {
  for (const [, name] of code.matchAll(/new URL\("\.\/([\w-]+)\.js", import\.meta\.url\)/g))
    if (!(name in PROGRAMS)) throw new Error(`${name} is started by a program and is none: give it a row in PROGRAMS`);
}
for (const name of readdirSync(programs)) {
  const file = join(programs, name);
  if (Date.now() - statSync(file).mtimeMs > KEPT_MS) rmSync(file);
}
