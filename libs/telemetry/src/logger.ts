import { pino, type Logger as PinoLogger } from 'pino';
import { hideSecrets } from './hide-secrets.js';
import { LogOutput } from './log-output.js';

/** Structured logs: an event name plus fields. Run, worker and step come from child loggers, not from messages. */
export type Logger = PinoLogger;

export interface LoggerOptions {
  /** `coordinator`, `worker`, `parameter-server`, ... */
  readonly service: string;
  /** pino level. Default `info`. */
  readonly level?: string;
}

const STDOUT = 1;

/**
 * JSON lines on standard output, each written before the call returns, so that a crash loses none. Where they cannot be
 * written (a full disk, a pipe nobody reads) they are dropped and counted, and the process goes on. Passwords in
 * addresses are left out of every line.
 */
export function createLogger(options: LoggerOptions): Logger {
  const base = { service: options.service, pid: process.pid };
  // Opened by Node, a pipe or socket no longer makes a writer wait for its reader.
  if (!process.stdout.isTTY) process.stdout.on('error', () => undefined);
  const output = new LogOutput(STDOUT, (numLost) => {
    const msg = 'log lines could not be written and are lost';
    return `${JSON.stringify({ level: pino.levels.values['warn'], time: Date.now(), ...base, event: 'log-lines-lost', numLost, msg })}\n`;
  });
  return pino({ level: options.level ?? 'info', base, hooks: { streamWrite: hideSecrets } }, output);
}

/** A logger that drops everything, for tests. */
export function silentLogger(): Logger {
  return pino({ level: 'silent' });
}
