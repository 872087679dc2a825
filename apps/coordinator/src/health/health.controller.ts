import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { Controller, Get, Inject, Req } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { Coordinator } from '../coordinator.js';
import { absence } from '../redis/redis-absent.js';
import { mayKnowDetails } from '../http/access.js';
import { problem, ProblemException } from '../http/problem.js';

@ApiTags('health')
@Controller('health')
export class HealthController {
  readonly #coordinator: Coordinator;

  constructor(@Inject(Coordinator) coordinator: Coordinator) {
    this.#coordinator = coordinator;
  }

  @Get('live')
  @ApiOperation({ summary: 'The process answers' })
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({
    summary:
      "Redis answers and is no other coordinator's, and the data folder can be written; 503 otherwise, and with the key what is wrong",
  })
  async ready(@Req() request: Request): Promise<{ status: 'ok' }> {
    const { dataDirectory } = this.#coordinator.config;
    const found = (
      await Promise.all([
        faultOf('redis', this.#coordinator.pingRedis(), (error) =>
          absence(error, this.#coordinator.whyRedisFails(error)),
        ),
        faultOf('data', access(dataDirectory, constants.W_OK), () => `${dataDirectory} cannot be written`),
      ])
    ).flat();
    const faults = this.#coordinator.faults.list().map(({ kind, message }) => ({ path: kind, message }));
    // The ping says no more of Redis than who works with it.
    const errors = [...found.filter(({ path }) => !faults.some((fault) => fault.path === path)), ...faults];
    if (errors.length > 0 && !mayKnowDetails(request))
      throw new ProblemException(problem(503, 'not ready; who asks with the key is told why'));
    if (errors.length > 0)
      throw new ProblemException(problem(503, errors.map(({ message }) => message).join('; '), errors));
    return { status: 'ok' };
  }
}

async function faultOf(
  path: string,
  check: Promise<unknown>,
  messageOf: (error: unknown) => string,
): Promise<{ path: string; message: string }[]> {
  return check.then(
    () => [],
    (error: unknown) => [{ path, message: messageOf(error) }],
  );
}
