import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError, defaultCacheDirectory, findPython, publishFolder, runCommand } from '#provision';
import type { Operation } from '../../operations/operation.js';
import type { Part } from '../../operations/scenario.js';

/** From the compiled file. */
const SOURCES = new URL('../../../../test/stores/', import.meta.url);
const INSTALL_TIMEOUT_MS = 15 * 60_000;
const SCRIPT_TIMEOUT_MS = 120_000;

/** Installs what `requirements.txt` names, once, into the cache: nothing of the machine's Python changes. */
export const python: Part = async (say) => {
  const found = await findPython();
  if (typeof found === 'string') return found;
  const folder = await packages();
  if (existsSync(folder)) return undefined;
  say('installing moto, webdataset, datasets and pyarrow (pip, 500 MB) ...');
  const [pip, ...args] = found.pip;
  const install = ['install', '--quiet', '--disable-pip-version-check', '--requirement', sourceOf('requirements.txt')];
  try {
    await publishFolder(folder, async (target) => {
      await runCommand(pip, [...args, ...install, '--target', target], { timeoutMs: INSTALL_TIMEOUT_MS });
    });
  } catch (error) {
    return `pip install failed: ${error instanceof Error ? error.message : String(error)}`;
  }
  return undefined;
};

/** Runs one of this folder's scripts to its end: what it printed. */
export async function runScript(name: string, ...args: readonly string[]): Promise<string> {
  const { command, env } = await interpreter();
  return await runCommand(command, [sourceOf(name), ...args], { timeoutMs: SCRIPT_TIMEOUT_MS, env }).catch(
    (error: unknown) => {
      throw error instanceof CommandError ? new Error(`${name}: ${error.tail}`, { cause: error }) : error;
    },
  );
}

/** Starts a module of Python as a server. */
export async function startModule(operation: Operation, name: string, args: readonly string[]): Promise<void> {
  const { command, env } = await interpreter();
  operation.start(name, [command, '-m', name, ...args], { PYTHONPATH: env.PYTHONPATH });
}

interface Interpreter {
  readonly command: string;
  readonly env: Readonly<Record<string, string | undefined>> & { readonly PYTHONPATH: string };
}

async function interpreter(): Promise<Interpreter> {
  const found = await findPython();
  if (typeof found === 'string') throw new Error(found);
  // Hugging Face's libraries ask their hub where they are not told that there is none.
  const quiet = { HF_HUB_OFFLINE: '1', HF_DATASETS_OFFLINE: '1', HF_HUB_DISABLE_PROGRESS_BARS: '1' };
  return { command: found.command, env: { ...process.env, ...quiet, PYTHONPATH: await packages() } };
}

async function packages(): Promise<string> {
  const text = await readFile(sourceOf('requirements.txt'));
  const name = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return join(defaultCacheDirectory(process.env), 'test-stores-python', name);
}

const sourceOf = (name: string): string => new URL(name, SOURCES).pathname;
