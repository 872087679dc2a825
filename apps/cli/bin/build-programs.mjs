/**
 * `npm run build:programs`: bundles the compiled programs of a stack, and the threads and processes that they start, into
 * dist/programs. Node loads a few files with what a program uses in a fraction of the time that it takes for hundreds.
 */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

/**
 * What each is bundled from, seen from dist. All lie in one folder, where `new URL('./NAME.js', import.meta.url)` finds a
 * bundled thread as it finds a compiled one in its library. Those of a group share files. Apps share
 * none: what one app loads late of a library could be put into the program of another, and loading it would start that.
 */
const GROUPS = [
  {
    coordinator: 'apps/coordinator/src/main.js',
    'dataset-scan-process': 'apps/coordinator/src/datasets/dataset-scan-process.js',
    'sample-process': 'apps/coordinator/src/datasets/sample-process.js',
    'export-thread': 'apps/coordinator/src/exports/export-thread.js',
    'disk-thread': 'libs/dataset/src/disk-threads/disk-thread.js',
  },
  {
    worker: 'apps/worker/src/main.js',
    'engine-thread': 'libs/engine/src/pool/engine-thread.js',
    'inference-thread': 'libs/engine/src/pool/inference-thread.js',
    'data-thread': 'libs/data-loading/src/loader/data-thread.js',
    'checkpoint-thread': 'libs/training/src/checkpoint/checkpoint-thread.js',
    'upload-thread': 'libs/training/src/checkpoint/upload-thread.js',
    'test-crop-thread': 'libs/evaluation/src/protocols/test-crop-thread.js',
    'prediction-thread': 'libs/evaluation/src/prediction/prediction-thread.js',
  },
  { 'parameter-server': 'apps/parameter-server/src/main.js' },
];
const NAMES = new Set(GROUPS.flatMap(Object.keys));
/** Packages of many small ES modules that are loaded at every start. All others stay where npm put them. */
const BUNDLED_PACKAGES = ['zod', 'hyparquet', 'hyparquet-compressors', 'csv-parse', 'pure-rand'];
/** A stack that runs from an earlier build may still load a part of it. */
const KEPT_MS = 7 * 86_400_000;

const root = fileURLToPath(new URL('../../..', import.meta.url));
const dist = join(root, 'dist');
const programs = join(dist, 'programs');

const isBundled = (id) =>
  /^[./#]/.test(id) || BUNDLED_PACKAGES.some((name) => id === name || id.startsWith(`${name}/`));

async function bundle(group) {
  const built = await rolldown({
    input: Object.fromEntries(Object.entries(group).map(([name, file]) => [name, join(dist, file)])),
    cwd: root,
    platform: 'node',
    external: (id) => !isBundled(id),
    // Of a library only what a program uses. The one package that is imported for what its loading does stays.
    treeshake: { moduleSideEffects: (id) => id.includes('reflect-metadata') },
  });
  const { output } = await built.write({ dir: programs, format: 'esm', chunkFileNames: '[name]-[hash].js' });
  await built.close();
  for (const part of output) check(part);
}

function check({ code = '', imports = [], dynamicImports = [] }) {
  for (const file of [...imports, ...dynamicImports])
    if (NAMES.has(basename(file, '.js'))) throw new Error(`${file} is loaded by another program, which would start it`);
  for (const [, name] of code.matchAll(/new URL\("\.\/([\w-]+)\.js", import\.meta\.url\)/g))
    if (!NAMES.has(name)) throw new Error(`${name} is started by a program and is none: give it a row in GROUPS`);
}

for (const group of GROUPS) await bundle(group);
for (const name of readdirSync(programs)) {
  const file = join(programs, name);
  if (Date.now() - statSync(file).mtimeMs > KEPT_MS) rmSync(file);
}
