import { join } from 'node:path';
import { commandOnPath, defaultCacheDirectory, runCommand } from '#provision';

const BUILD_TIMEOUT_MS = 10 * 60_000;

/** A program written in Go that a test needs. */
export interface GoProgram {
  /** As it is called where somebody has installed it. */
  readonly name: string;
  /** What is built where none is on the PATH: `example.org/module/cmd/name@v1.2.3`. */
  readonly module: string;
  /** As Go calls what it builds: the last name of the package. */
  readonly built: string;
}

/** The program of the PATH, else built once with Go into the cache, by its version; null without either. */
export async function findGoProgram({ name, module, built }: GoProgram): Promise<string | null> {
  const installed = await commandOnPath([name]);
  if (installed !== undefined) return installed;
  const version = module.slice(module.lastIndexOf('@') + 1);
  const folder = join(defaultCacheDirectory(process.env), name, version);
  const kept = await commandOnPath([built], folder);
  if (kept !== undefined) return kept;
  if ((await commandOnPath(['go'])) === undefined) return null;
  await runCommand('go', ['install', module], {
    timeoutMs: BUILD_TIMEOUT_MS,
    env: { ...process.env, GOBIN: folder, GOFLAGS: '-mod=mod' },
  });
  return join(folder, built);
}
