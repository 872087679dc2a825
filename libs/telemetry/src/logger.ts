import { pino, type Logger as PinoLogger } from 'pino';

/** Structured logs: an event name plus fields. Run, worker and step come from child loggers, not from messages. */
export type Logger = PinoLogger;

export interface LoggerOptions {
  /** `coordinator`, `worker`, `parameter-server`, ... */
  readonly service: string;
  /** pino level. Default `info`. */
  readonly level?: string;
}

/** JSON lines on standard output; asynchronous loss of the last lines on a crash is avoided by pino's sync destination. */
export function createLogger(options: LoggerOptions): Logger {
  return pino({ level: options.level ?? 'info', base: { service: options.service, pid: process.pid } });
}

/** A logger that drops everything, for tests. */
export function silentLogger(): Logger {
  return pino({ level: 'silent' });
}
