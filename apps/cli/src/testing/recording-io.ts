import type { CommandIo } from '../action/command-io.js';

/** Ends a command that called exit. */
export class Exited extends Error {
  constructor(readonly code: number) {
    super(`exit ${code}`);
  }
}

/** A process without a terminal that remembers what a command printed and how it ended. */
export interface RecordingIo extends CommandIo {
  readonly outLines: readonly string[];
  readonly errLines: readonly string[];
  readonly exitCode: () => number | undefined;
  /** Ctrl-C. */
  interrupt(): void;
}

export function recordingIo(stdin = '', answer: boolean | null = null): RecordingIo {
  const outLines: string[] = [];
  const errLines: string[] = [];
  const controller = new AbortController();
  let exitCode: number | undefined;
  return {
    outLines,
    errLines,
    exitCode: () => exitCode,
    interrupt: () => controller.abort(),
    out: (line) => void outLines.push(line),
    err: (line) => void errLines.push(line),
    readStdin: () => Promise.resolve(stdin),
    confirm: (question) => {
      errLines.push(question);
      return Promise.resolve(answer);
    },
    terminal: null,
    interrupts: () => ({
      signal: controller.signal,
      onAgain: () => undefined,
      [Symbol.dispose]: () => undefined,
    }),
    setExitCode: (code) => {
      exitCode = code;
    },
    exit: (code) => {
      exitCode = code;
      throw new Exited(code);
    },
  };
}
