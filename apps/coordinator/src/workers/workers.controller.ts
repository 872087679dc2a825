import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { WorkerHeartbeat } from '#contracts';
import { reference } from '../http/openapi.js';
import { WorkersService } from './workers.service.js';

@ApiTags('workers')
@Controller('v1/workers')
export class WorkersController {
  readonly #workers: WorkersService;

  constructor(workers: WorkersService) {
    this.#workers = workers;
  }

  @Get()
  @ApiOperation({ summary: 'List live workers: device, run, lanes, and the reason if idle' })
  @ApiResponse({
    status: 200,
    schema: { type: 'object', properties: { workers: { type: 'array', items: reference('Worker') } } },
  })
  list(): { workers: WorkerHeartbeat[] } {
    return { workers: this.#workers.list() };
  }
}
