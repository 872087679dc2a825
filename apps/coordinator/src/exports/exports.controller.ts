import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import { EXPORT_FORMAT_NAMES } from '#contracts';
import { reference } from '../http/openapi.js';
import { RunsService } from '../runs/runs.service.js';
import { sendFile } from '../http/send-file.js';
import { validated } from '../http/validated.js';
import { Exports } from './exports.js';
import { ApiWeightsQuery, weightsQuerySchema } from '../runs/weights-query.js';

@ApiTags('runs')
@Controller('v1/runs')
export class ExportsController {
  readonly #runs: RunsService;
  readonly #exports: Exports;

  constructor(runs: RunsService, exports: Exports) {
    this.#runs = runs;
    this.#exports = exports;
  }

  @Get(':id/exports/:format')
  @ApiOperation({
    summary: "Export a run's network in the format of another program",
    description: 'A format of several files is sent as a zip, any other as one file',
  })
  @ApiParam({ name: 'format', enum: [...EXPORT_FORMAT_NAMES] })
  @ApiWeightsQuery()
  @ApiProduces('application/zip', 'application/octet-stream')
  @ApiResponse({
    status: '4XX',
    description: 'Refused, no weights yet (409), or too many exports at once (429)',
    content: { 'application/problem+json': { schema: reference('Problem') } },
  })
  async export(
    @Param('id') id: string,
    @Param('format') formatText: string,
    @Query() query: unknown,
    @Res() response: Response,
  ): Promise<void> {
    const format = validated(z.enum(EXPORT_FORMAT_NAMES), formatText, 'the format');
    const choice = validated(weightsQuerySchema, query, 'the query');
    await using written = await this.#exports.write(await this.#runs.find(id), format, choice);
    await sendFile(response, written);
  }
}
