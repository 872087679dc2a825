import { access, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { withLock } from '#files';
import {
  createManifest,
  publishFolder,
  readManifest,
  verifyManifest,
  unwritableCache,
  writeManifest,
  type Manifest,
  type ProvisionProgress,
} from '#provision';
import { nativePaths } from './binding-layout.js';
import type { BindingSource } from './binding-source.js';
import { linkBinding, linkedEntry } from './link-binding.js';
import type { BindingProbe } from './probe-binding.js';

/** A binding that is linked into the package and was loaded at least once on this machine. */
export interface ProvisionedBinding {
  /** The cache entry, or the package's own folder where the files lie in it. */
  readonly entry: string;
  readonly description: string;
  /** TensorFlow's version. */
  readonly version: string;
}

export interface ProvisionBindingOptions {
  readonly packageDirectory: string;
  readonly cacheDirectory: string;
  readonly downloadDirectory: string;
  /** In the order in which they are tried. */
  readonly sources: readonly BindingSource[];
  readonly probe: (bindingFile: string) => Promise<BindingProbe>;
  readonly progress: ProvisionProgress;
  readonly lockTimeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Long enough for somebody else's slow download of the GPU libraries. */
const LOCK_TIMEOUT_MS = 3_600_000;

/** See `provisionTensorflow`; here the ways are given, so that tests bring their own. */
export async function provisionBinding(
  options: ProvisionBindingOptions,
): Promise<ProvisionedBinding | { readonly reasons: readonly string[] }> {
  const installed = await installedByHand(options);
  if (installed) return installed;
  const cached = await linkCached(options);
  if (cached) return cached;
  const lock = {
    timeoutMs: options.lockTimeoutMs ?? LOCK_TIMEOUT_MS,
    onWait: (holder: string) => options.progress.info(`waiting for ${holder}, which is provisioning TensorFlow`),
    ...(options.signal ? { signal: options.signal } : {}),
  };
  try {
    return await withLock(
      join(options.cacheDirectory, 'provision.lock'),
      lock,
      async () => (await linkCached(options)) ?? (await fillFirst(options)),
    );
  } catch (error) {
    const unwritable = unwritableCache(error, options.cacheDirectory);
    if (unwritable === undefined) throw error;
    const linked = await linkedBySomebody(options);
    if (linked === undefined) throw unwritable;
    return linked;
  }
}

/** What another user of this checkout has linked from a cache of their own, where this one may read it. */
async function linkedBySomebody({
  packageDirectory,
  progress,
}: ProvisionBindingOptions): Promise<ProvisionedBinding | undefined> {
  const entry = await linkedEntry(packageDirectory).catch(() => undefined);
  const manifest = entry === undefined ? undefined : await intactManifest(entry, progress);
  if (entry === undefined || manifest === undefined) return undefined;
  return { entry, description: manifest.description, version: manifest.version };
}

/** A binding whose files lie in the package itself, put there by its own install script. */
async function installedByHand(options: ProvisionBindingOptions): Promise<ProvisionedBinding | undefined> {
  const { packageDirectory, probe, progress } = options;
  if ((await linkedEntry(packageDirectory)) !== undefined) return undefined;
  const { binding } = nativePaths(packageDirectory);
  if (!(await exists(binding))) return undefined;
  try {
    const { version } = await probe(binding);
    return { entry: packageDirectory, description: 'installed in node_modules', version };
  } catch (error) {
    progress.info(`the binding in ${packageDirectory} does not load (${message(error)}); replacing it`);
    return undefined;
  }
}

/** Links the first source that has an intact entry in the cache. */
async function linkCached(options: ProvisionBindingOptions): Promise<ProvisionedBinding | undefined> {
  for (const source of options.sources) {
    const entry = join(options.cacheDirectory, source.key);
    const manifest = await intactManifest(entry, options.progress);
    if (manifest === undefined) continue;
    await linkBinding(options.packageDirectory, entry);
    return { entry, description: manifest.description, version: manifest.version };
  }
  return undefined;
}

/** Sizes and times first; where only those differ (a copied cache), the bytes decide and the new times are noted. */
async function intactManifest(entry: string, progress: ProvisionProgress): Promise<Manifest | undefined> {
  const manifest = await readManifest(entry);
  if (manifest === undefined || (await verifyManifest(entry, manifest, 'quick')).length === 0) return manifest;
  const faults = await verifyManifest(entry, manifest, 'full');
  if (faults.length > 0) {
    progress.warn(`${entry} is damaged and will be replaced: ${faults.join('; ')}`);
    return undefined;
  }
  const renewed = await createManifest(entry, manifest);
  // A cache that is only read, as in an image, is looked through again the next time.
  await writeManifest(entry, renewed).catch((error: unknown) => {
    if (unwritableCache(error, entry) === undefined) throw error;
  });
  return renewed;
}

/** Under the lock: tries the sources in turn; a failure is one line, and the next source's turn. */
async function fillFirst(
  options: ProvisionBindingOptions,
): Promise<ProvisionedBinding | { readonly reasons: readonly string[] }> {
  await removeLeftovers(options.cacheDirectory);
  const reasons: string[] = [];
  for (const source of options.sources) {
    options.signal?.throwIfAborted();
    const entry = join(options.cacheDirectory, source.key);
    try {
      const manifest = await fillEntry(source, entry, options);
      await linkBinding(options.packageDirectory, entry);
      options.progress.info(`TensorFlow ${manifest.version} is ready: ${manifest.description}`);
      return { entry, description: manifest.description, version: manifest.version };
    } catch (error) {
      options.signal?.throwIfAborted();
      reasons.push(`${source.name}: ${message(error)}`);
      options.progress.info(`not ${source.name}: ${message(error)}`);
    }
  }
  return (await anyLinked(options)) ?? { reasons };
}

async function fillEntry(source: BindingSource, entry: string, options: ProvisionBindingOptions): Promise<Manifest> {
  let manifest: Manifest | undefined;
  await publishFolder(entry, async (folder) => {
    await source.fill(folder, options);
    // Loaded before it gets its name: an entry in the cache is one that worked.
    const { version } = await options.probe(nativePaths(folder).binding);
    const { description, libraries } = source;
    manifest = await createManifest(folder, { description, version, ...(libraries && { libraries }) });
    await writeManifest(folder, manifest);
  });
  if (manifest === undefined) throw new Error(`${source.name} left no manifest`);
  return manifest;
}

/** Last before the portable engine: what the package was linked to before, though it is not what was wanted. */
async function anyLinked(options: ProvisionBindingOptions): Promise<ProvisionedBinding | undefined> {
  const entry = await linkedEntry(options.packageDirectory);
  const manifest = entry === undefined ? undefined : await readManifest(entry);
  if (entry === undefined || manifest === undefined) return undefined;
  if ((await verifyManifest(entry, manifest, 'quick')).length > 0) return undefined;
  options.progress.warn(`going on with ${manifest.description}`);
  return { entry, description: manifest.description, version: manifest.version };
}

/** Folders that a killed process was filling. The lock is held, so nobody fills one now. */
async function removeLeftovers(directory: string): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  for (const name of names) {
    const path = join(directory, name);
    if (name.startsWith('.') && (await stat(path)).isDirectory()) await rm(path, { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
