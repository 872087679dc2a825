import { text } from 'node:stream/consumers';

/** A terminal that a progress bar can be drawn on. */
export type ProgressTerminal = NodeJS.WritableStream & { readonly columns?: number };

/** What a command sees of the process it runs in; tests give their own. */
export interface CommandIo {
  /** Writes a line to stdout: the command's result. */
  out(line: string): void;
  /** Writes a line to stderr: progress and faults. */
  err(line: string): void;
  readStdin(): Promise<string>;
  /** Where the bar goes; null where stderr is no terminal. */
  readonly terminal: ProgressTerminal | null;
  /** Aborts at SIGINT, SIGTERM or SIGHUP until disposed; without it these signals end the process. */
  interrupts(): { readonly signal: AbortSignal } & Disposable;
  /** Sets the code the process will end with. */
  setExitCode(code: number): void;
  /** Ends the process now. */
  exit(code: number): never;
}

/** A closed terminal (SIGHUP) is a wish to stop too. */
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The real process. */
export function processIo(): CommandIo {
  return {
    out: (line) => process.stdout.write(`${line}\n`),
    err: (line) => process.stderr.write(`${line}\n`),
    readStdin: () => text(process.stdin),
    terminal: process.stderr.isTTY ? process.stderr : null,
    interrupts: () => {
      const controller = new AbortController();
      const abort = (): void => {
        // The second time somebody is tired of waiting; what was started notices that its parent is gone.
        if (controller.signal.aborted) process.exit(130);
        controller.abort();
      };
      for (const name of STOP_SIGNALS) process.on(name, abort);
      return {
        signal: controller.signal,
        [Symbol.dispose]: () => {
          for (const name of STOP_SIGNALS) process.off(name, abort);
        },
      };
    },
    setExitCode: (code) => {
      process.exitCode = code;
    },
    exit: (code) => process.exit(code),
  };
}
