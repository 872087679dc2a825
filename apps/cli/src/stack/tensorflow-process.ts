import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { printNote } from '../client/print-line.js';
import { consoleProgress } from '../console-progress.js';
import { withoutLibraryNotes } from './library-notes.js';
import { provisionStack } from './provision-stack.js';
import { readStackConfig } from './stack-config.js';
import { KEEP_MEMORY } from './worker-plan.js';

/** A process that computes what it was told by its argument, and writes a JSON object a line. */
export interface TensorFlowProcess {
  readonly output: Readable;
  /** Resolves with its exit code, rejects where it could not be started or was aborted. */
  readonly ended: Promise<number | null>;
}

/**
 * Starts a process of this machine's own that alone loads TensorFlow, and provisions it where it is missing. It watches
 * its IPC channel and ends with this process.
 * @param entry the compiled file to run
 * @param options its argument, to which the engine is added that the environment asks for
 */
export async function startTensorFlowProcess(
  entry: URL,
  options: object,
  signal: AbortSignal,
): Promise<TensorFlowProcess> {
  const config = readStackConfig(process.env);
  const engine = config.engine === 'portable' ? 'portable' : 'graph';
  await provisionStack({ ...config, engine }, consoleProgress(printNote), signal, { needsRedis: false });
  const child = spawn(process.execPath, [fileURLToPath(entry), JSON.stringify({ ...options, engine })], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, ...KEEP_MEMORY },
    signal,
  });
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('a process was started without its pipes');
  stderr.setEncoding('utf8').pipe(withoutLibraryNotes()).pipe(process.stderr, { end: false });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  // Who reads the output to its end may never come to ask.
  ended.catch(() => undefined);
  return { output: stdout, ended };
}
