import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import { EXPORT_FORMAT_NAMES, EXPORT_FORMATS } from '#contracts';
import { Coordinator } from '../coordinator.js';
import { reference } from '../http/openapi.js';
import { exportQuerySchema } from '../http/queries.schema.js';
import { RunsService } from '../runs/runs.service.js';
import { sendFile } from '../http/send-file.js';
import { validated } from '../http/validated.js';
import { ApiWeightsQuery } from '../runs/weights-query.js';

@ApiTags('runs')
@Controller('v1/runs')
export class ExportsController {
  readonly #runs: RunsService;
  readonly #coordinator: Coordinator;

  constructor(@Inject(RunsService) runs: RunsService, @Inject(Coordinator) coordinator: Coordinator) {
    this.#runs = runs;
    this.#coordinator = coordinator;
  }

  @Get(':id/exports/:format')
  @ApiOperation({
    summary: "A run's network in the format of another program",
    description: 'A format that is a folder comes as a zip of its files, any other as one file',
  })
  @ApiParam({ name: 'format', enum: [...EXPORT_FORMAT_NAMES] })
  @ApiWeightsQuery()
  @ApiProduces('application/zip', 'application/octet-stream')
  @ApiResponse({
    status: '4XX',
    description: 'Refused, no weights yet (409), or too many at once (429)',
    content: { 'application/problem+json': { schema: reference('Problem') } },
  })
  async export(
    @Param('id') id: string,
    @Param('format') formatText: string,
    @Query() query: unknown,
    @Res() response: Response,
  ): Promise<void> {
    const format = validated(z.enum(EXPORT_FORMAT_NAMES), formatText, 'the format');
    const choice = validated(exportQuerySchema, query, 'the query');
    await using written = await this.#coordinator.exports.write(this.#runs.find(id), format, choice);
    const { checkpoint, kind } = written.weights;
    const { extension, isFolder } = EXPORT_FORMATS[format];
    const name = `${id}-step${checkpoint.step}${kind === 'average' ? '-average' : ''}.${extension}`;
    await sendFile(response, {
      ...written,
      name,
      mediaType: isFolder ? 'application/zip' : 'application/octet-stream',
    });
  }
}
