import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { RetentionView } from '#contracts';
import { reference } from '../http/openapi.js';
import { validated } from '../http/validated.js';
import { pageQuerySchema } from '../runs/run-query.js';
import { Retention } from './retention.js';

@ApiTags('deletions')
@Controller('v1/retention')
export class RetentionController {
  readonly #retention: Retention;

  constructor(retention: Retention) {
    this.#retention = retention;
  }

  @Get()
  @ApiOperation({ summary: 'Show which runs SKIPLANE_RETENTION deletes, and when; nothing is deleted by asking' })
  @ApiQuery({ name: 'offset', required: false, type: Number })
  @ApiQuery({ name: 'limit', required: false, type: Number })
  @ApiResponse({ status: 200, schema: reference('Retention') })
  show(@Query() query: unknown): Promise<RetentionView> {
    return this.#retention.view(validated(pageQuerySchema, query, 'the query'));
  }
}
