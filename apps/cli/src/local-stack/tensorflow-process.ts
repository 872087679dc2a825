import { spawn } from 'node:child_process';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { printNote } from '../output/print-line.js';
import { consoleProgress } from '../output/console-progress.js';
import { claimCommandDevice } from './command-device.js';
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

/** What such a process computes with. */
export interface ComputeSetup {
  readonly engine: 'graph' | 'portable';
  /** On one GPU, with one session; else on the CPU. */
  readonly onGpu: boolean;
}

/**
 * Starts a process of this machine's own that alone loads TensorFlow, on a GPU that it claims where there are any.
 * Provisions TensorFlow where it is missing. The process watches its IPC channel and ends with this one.
 * @param entry the compiled file to run
 * @param argumentFor its argument
 */
export async function startTensorFlowProcess(
  entry: URL,
  argumentFor: (setup: ComputeSetup) => object,
  signal: AbortSignal,
): Promise<TensorFlowProcess> {
  const config = readStackConfig(process.env);
  const engine = config.engine === 'portable' ? 'portable' : 'graph';
  await provisionStack({ ...config, engine }, consoleProgress(printNote), signal, { needsRedis: false });
  const file = fileURLToPath(entry);
  const device = await claimCommandDevice({ ...config, engine }, basename(file, '-process.js'), printNote);
  const argument = argumentFor({ engine, onGpu: device.gpu !== null });
  const child = spawn(process.execPath, [file, JSON.stringify(argument)], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, ...KEEP_MEMORY, ...device.env },
    signal,
  });
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('a process was started without its pipes');
  stderr.setEncoding('utf8').pipe(withoutLibraryNotes()).pipe(process.stderr, { end: false });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).finally(() => device.release());
  // Who reads the output to its end may never come to ask.
  ended.catch(() => undefined);
  return { output: stdout, ended };
}
