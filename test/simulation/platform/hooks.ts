/**
 * The loader of the simulation: production code that imports a platform module gets the simulated one, and, where a
 * bug is to be injected, one of its own modules is replaced by a broken version. Nothing in it knows of this.
 */
import { existsSync } from 'node:fs';

interface ResolveContext {
  readonly parentURL?: string;
}
type NextResolve = (specifier: string, context: ResolveContext) => Promise<{ readonly url: string }>;

const PLATFORM: Readonly<Record<string, string>> = {
  'node:net': './net.js',
  'node:timers/promises': './timers-promises.js',
  'node:fs': './fs.js',
  'node:fs/promises': './fs-promises.js',
  ioredis: './ioredis.js',
  bullmq: './bullmq.js',
};

/** Modules of production code that are replaced, by their path in the build. */
const MODULES: Readonly<Record<string, string>> = {
  // TensorFlow and pixels: modelled.
  'apps/worker/src/run/open-training.js': '../model/open-training.js',
  // Unchanged, but for an eye on it.
  'libs/parameter-server/src/client/retained-pushes.js': '../observers/retained-pushes.js',
  'libs/parameter-server/src/reduce/round-table.js': '../observers/round-table.js',
};

/** Module of production code that each injected bug replaces. */
const BUGS: Readonly<Record<string, { readonly module: string; readonly broken: string }>> = {
  fence: { module: 'libs/parameter-server/src/reduce/reduction.js', broken: '../injected-bugs/fence.js' },
  order: { module: 'libs/parameter-server/src/reduce/reduction.js', broken: '../injected-bugs/order.js' },
  retention: { module: 'libs/parameter-server/src/client/retained-pushes.js', broken: '../injected-bugs/retention.js' },
};

const BUILD = new URL('../../../', import.meta.url);

let bug: string | null = null;

/** Called by Node once, before the first import. */
export function initialize(data: { readonly bug: string | null }): void {
  bug = data.bug;
  const replaced = [...Object.keys(MODULES), ...Object.values(BUGS).map(({ module }) => module)];
  const missing = replaced.filter((module) => !existsSync(new URL(module, BUILD)));
  if (missing.length > 0) throw new Error(`the simulation replaces modules that are not there: ${missing.join(', ')}`);
}

/** Called by Node for every import. */
export async function resolve(
  specifier: string,
  context: ResolveContext,
  next: NextResolve,
): Promise<{ readonly url: string; readonly shortCircuit?: boolean }> {
  const importer = context.parentURL ?? '';
  if (!importer.startsWith(`${BUILD.href}libs/`) && !importer.startsWith(`${BUILD.href}apps/`))
    return await next(specifier, context);
  const replacement = specifier.startsWith('.')
    ? replacementOf(new URL(specifier, importer).href.slice(BUILD.href.length))
    : PLATFORM[specifier];
  if (replacement === undefined) return await next(specifier, context);
  return { url: new URL(replacement, import.meta.url).href, shortCircuit: true };
}

function replacementOf(module: string): string | undefined {
  const broken = bug === null ? undefined : BUGS[bug];
  return broken?.module === module ? broken.broken : MODULES[module];
}
