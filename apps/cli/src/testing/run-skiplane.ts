import { skiplaneProgram, type CommandMaker } from '../program.js';
import { Exited, recordingIo, type RecordingIo } from './recording-io.js';

export interface RunSkiplaneOptions {
  /** Default: one with an empty stdin. */
  readonly io?: RecordingIo;
  /** Default: all. */
  readonly commands?: readonly CommandMaker[];
  /** Of the client. Default 1. */
  readonly retryDelayMs?: number;
}

/** Runs a command line in this process; resolves when the command has ended, however it did. */
export async function runSkiplane(
  words: readonly string[],
  { io = recordingIo(), retryDelayMs = 1, ...options }: RunSkiplaneOptions = {},
): Promise<RecordingIo> {
  const program = skiplaneProgram({ version: '1.2.3', description: 'for tests', io, retryDelayMs, ...options });
  await program.parseAsync(words, { from: 'user' }).catch((error: unknown) => {
    if (!(error instanceof Exited)) throw error;
  });
  return io;
}
