import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { commandOnPath, runCommand } from '#provision';
import type { Peer } from '../../apps/cli/src/commands/bench/bench-group.js';
import type { Target } from './target.js';

const IMPORT_TIMEOUT_MS = 60_000;

/**
 * A Python with torch that sees the device, or in words why there is none.
 * @param peer an interpreter or a virtual environment; left out, `python3` on the PATH
 * @param modules what must be there besides torch
 */
export async function findPeer(
  peer: string | undefined,
  { kind }: Target,
  modules: readonly string[] = [],
): Promise<Peer | string> {
  const python = peer === undefined ? await commandOnPath(['python3', 'python']) : interpreterOf(resolve(peer));
  if (python === undefined) return 'not compared: python3 is not on the PATH';
  if (!existsSync(python)) return `not compared: ${python} does not exist`;
  const seesDevice = kind === 'gpu' ? '; assert torch.cuda.is_available(), "torch sees no GPU"' : '';
  try {
    await runCommand(python, ['-c', `import ${['torch', ...modules].join(', ')}${seesDevice}`], {
      timeoutMs: IMPORT_TIMEOUT_MS,
    });
  } catch (error) {
    const tail =
      error instanceof Error && 'tail' in error ? String(error.tail).trim().split('\n').at(-1) : String(error);
    return `not compared: ${python}: ${tail}`;
  }
  return { python };
}

function interpreterOf(path: string): string {
  return existsSync(path) && statSync(path).isDirectory() ? join(path, 'bin', 'python') : path;
}
