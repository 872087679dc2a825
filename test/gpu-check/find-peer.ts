import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { commandOnPath, runCommand } from '#provision';
import type { Peer } from '../../apps/cli/src/commands/bench/compare-in-turn.js';
import type { Target } from './target.js';

const IMPORT_TIMEOUT_MS = 60_000;

export interface PeerChoice {
  /** An interpreter or a virtual environment; left out, `python3` on the PATH. */
  readonly peer?: string | undefined;
  /** The folder with step.py. */
  readonly scripts: string;
}

/** A Python with torch that sees the device, or in words why there is none. */
export async function findPeer({ peer, scripts }: PeerChoice, { kind }: Target): Promise<Peer | string> {
  const python = peer === undefined ? await commandOnPath(['python3', 'python']) : interpreterOf(resolve(peer));
  if (python === undefined) return 'not compared: python3 is not on the PATH';
  if (!existsSync(python)) return `not compared: ${python} does not exist`;
  const step = join(resolve(scripts), 'step.py');
  const seesDevice = kind === 'gpu' ? '; assert torch.cuda.is_available(), "torch sees no GPU"' : '';
  try {
    await runCommand(python, ['-c', `import torch${seesDevice}`], { timeoutMs: IMPORT_TIMEOUT_MS });
  } catch (error) {
    const tail =
      error instanceof Error && 'tail' in error ? String(error.tail).trim().split('\n').at(-1) : String(error);
    return `not compared: ${python}: ${tail}`;
  }
  if (!existsSync(step)) return `not compared: ${step} does not exist (--peer-scripts)`;
  return { python, scripts: resolve(scripts) };
}

function interpreterOf(path: string): string {
  return existsSync(path) && statSync(path).isDirectory() ? join(path, 'bin', 'python') : path;
}
