import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import { printNote, printResult } from '../output/print-line.js';
import { stopWish, type StopWish } from './stop-wish.js';

/** A terminal that a progress bar can be drawn on. */
export type ProgressTerminal = NodeJS.WritableStream & { readonly columns?: number };

/** What a command sees of the process it runs in; tests give their own. */
export interface CommandIo {
  /** Writes a line to stdout: the command's result. */
  out(line: string): void;
  /** Writes a line to stderr: progress and faults. */
  err(line: string): void;
  readStdin(): Promise<string>;
  /** Asks a person a yes-or-no question; null where nobody is at a terminal to answer it. */
  confirm(question: string): Promise<boolean | null>;
  /** Where the bar goes; null where stderr is no terminal. */
  readonly terminal: ProgressTerminal | null;
  /** Aborts at SIGINT, SIGTERM or SIGHUP until disposed; without it these signals end the process. */
  interrupts(): StopWish;
  /** Sets the code the process will end with. */
  setExitCode(code: number): void;
  /** Ends the process now. */
  exit(code: number): never;
}

/** What a command is made with. */
export interface CommandSetup {
  readonly io: CommandIo;
  /** For tests: shortens the waits of the client. */
  readonly retryDelayMs?: number;
}

/** The real process. */
export function processIo(): CommandIo {
  return {
    out: printResult,
    err: printNote,
    readStdin: () => text(process.stdin),
    confirm,
    terminal: process.stderr.isTTY ? process.stderr : null,
    interrupts: stopWish,
    setExitCode: (code) => {
      process.exitCode = code;
    },
    exit: (code) => process.exit(code),
  };
}

async function confirm(question: string): Promise<boolean | null> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY || !stderr.isTTY) return null;
  const lines = createInterface({ input: stdin, output: stderr });
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
  } finally {
    lines.close();
  }
}
