import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Health } from '#contracts';
import { reference } from '../http/openapi.js';
import { HealthService } from './health.service.js';

@ApiTags('health')
@Controller('v1/health')
export class SystemHealthController {
  readonly #health: HealthService;

  constructor(health: HealthService) {
    this.#health = health;
  }

  @Get()
  @ApiOperation({ summary: 'All that is wrong now: each fault with its subject, its time and what to do' })
  @ApiResponse({ status: 200, schema: reference('Health') })
  health(): Promise<Health> {
    return this.#health.health();
  }
}
