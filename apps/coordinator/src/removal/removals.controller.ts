import { Controller, Delete, Get, Param } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Removal } from '#contracts';
import { reference } from '../http/openapi.js';
import { RemovalsService } from './removals.service.js';

const DESCRIPTION = 'Deleting again what is deleted answers the same. 409 names what is in the way and what to do';

@ApiTags('deletions')
@ApiResponse({
  status: '4XX',
  description: 'Refused',
  content: { 'application/problem+json': { schema: reference('Problem') } },
})
@Controller('v1')
export class RemovalsController {
  readonly #removals: RemovalsService;

  constructor(removals: RemovalsService) {
    this.#removals = removals;
  }

  @Delete('runs/:id')
  @ApiOperation({
    summary: 'Delete a run that is over: record, checkpoints, initial weights, evaluations and keys in Redis',
    description: DESCRIPTION,
  })
  @ApiResponse({ status: 200, description: 'What was freed, and what stays', schema: reference('Removal') })
  removeRun(@Param('id') id: string): Promise<Removal> {
    return this.#removals.removeRun(id);
  }

  @Get('runs/:id/removal')
  @ApiOperation({ summary: 'Show what deleting the run would free, keep and take from others; nothing is deleted' })
  @ApiResponse({ status: 200, schema: reference('Removal') })
  forecastRun(@Param('id') id: string): Promise<Removal> {
    return this.#removals.forecastRun(id);
  }

  @Delete('studies/:id')
  @ApiOperation({ summary: 'Delete a study that is over, with all its runs', description: DESCRIPTION })
  @ApiResponse({ status: 200, description: 'What was freed, and what stays', schema: reference('Removal') })
  removeStudy(@Param('id') id: string): Promise<Removal> {
    return this.#removals.removeStudy(id);
  }

  @Get('studies/:id/removal')
  @ApiOperation({ summary: 'Show what deleting the study would free and keep; nothing is deleted' })
  @ApiResponse({ status: 200, schema: reference('Removal') })
  forecastStudy(@Param('id') id: string): Promise<Removal> {
    return this.#removals.forecastStudy(id);
  }
}
