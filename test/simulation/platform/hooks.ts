/**
 * The loader of the simulation: production code that imports a platform module gets the simulated one, and, where a
 * bug is to be planted, one of its own modules is replaced by a broken version. Nothing in it knows of this.
 */
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
  // TensorFlow and pixels: modelled.
  './open-training.js': '../model/open-training.js',
  // Unchanged, but for an eye on it.
  './retained-pushes.js': '../observers/retained-pushes.js',
  './round-table.js': '../observers/round-table.js',
};

/** Module of production code that each planted bug replaces. */
const PLANTS: Readonly<Record<string, { readonly module: string; readonly broken: string }>> = {
  fence: { module: './reduction.js', broken: '../plants/fence.js' },
  order: { module: './reduction.js', broken: '../plants/order.js' },
  retention: { module: './retained-pushes.js', broken: '../plants/retention.js' },
};

let plant: string | null = null;

/** Called by Node once, before the first import. */
export function initialize(data: { readonly plant: string | null }): void {
  plant = data.plant;
}

/** Called by Node for every import. */
export async function resolve(
  specifier: string,
  context: ResolveContext,
  next: NextResolve,
): Promise<{ readonly url: string; readonly shortCircuit?: boolean }> {
  if (!/\/dist\/(libs|apps)\//.test(context.parentURL ?? '')) return await next(specifier, context);
  const broken = plant === null ? undefined : PLANTS[plant];
  const isPlanted = broken?.module === specifier && /\/libs\/parameter-server\/src\//.test(context.parentURL ?? '');
  const replacement = isPlanted ? broken.broken : PLATFORM[specifier];
  if (replacement === undefined) return await next(specifier, context);
  return { url: new URL(replacement, import.meta.url).href, shortCircuit: true };
}
