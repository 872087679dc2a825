import { Controller, Get, Req } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { mayKnowDetails } from '../http/access.js';
import { problem, ProblemException } from '../http/problem.js';
import { HealthService } from './health.service.js';

@ApiTags('health')
@Controller('health')
export class HealthController {
  readonly #health: HealthService;

  constructor(health: HealthService) {
    this.#health = health;
  }

  @Get('live')
  @ApiOperation({ summary: 'Whether the process answers' })
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({
    summary:
      "Redis answers and is no other coordinator's, and the data folder can be written; 503 otherwise, and with the key what is wrong",
  })
  async ready(@Req() request: Request): Promise<{ status: 'ok' }> {
    const faults = await this.#health.whyNotReady();
    if (faults.length === 0) return { status: 'ok' };
    if (!mayKnowDetails(request))
      throw new ProblemException(problem(503, 'not ready; a request with the key shows the reason'));
    throw new ProblemException(problem(503, faults.map(({ message }) => message).join('; '), [...faults]));
  }
}
