import { Catch, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Logger } from '#telemetry';
import { LOGGER } from '../config/settings.js';
import { DiskWatch } from '../health/disk-watch.js';
import { problem, problemOf, sendProblem } from './problem.js';
import { publicPath } from './public-path.js';

/** Turns whatever a route throws into problem details (RFC 9457). */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #disk: DiskWatch;
  readonly #logger: Logger;

  constructor(disk: DiskWatch, @Inject(LOGGER) logger: Logger) {
    this.#disk = disk;
    this.#logger = logger;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    // Whatever is answered.
    this.#disk.observe(error);
    const known = problemOf(error);
    if (known === undefined) {
      this.#logger.error(
        { event: 'request-failed', method: request.method, path: request.path, err: error },
        'a request failed by a fault here',
      );
    }
    if (response.headersSent) {
      response.destroy();
      return;
    }
    sendProblem(response, {
      ...(known ?? problem(500, 'a fault of the coordinator; its log says more')),
      instance: publicPath(response, request.path),
    });
  }
}
