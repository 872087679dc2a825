import type { LoggerService } from '@nestjs/common';
import type { Logger } from '#telemetry';

/** Nest's own words go to our log; its start-up chatter only at level debug. */
export class NestLogger implements LoggerService {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  log(message: unknown): void {
    this.#logger.debug({ event: 'nest' }, String(message));
  }

  warn(message: unknown): void {
    this.#logger.warn({ event: 'nest' }, String(message));
  }

  error(message: unknown): void {
    this.#logger.error({ event: 'nest' }, String(message));
  }
}
