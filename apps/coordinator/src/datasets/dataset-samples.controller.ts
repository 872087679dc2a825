import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { augmentationSchema, type DatasetSamples } from '#contracts';
import { reference } from '../http/openapi.js';
import { validated } from '../http/validated.js';
import { pictureQuerySchema, sampleSchema, samplesQuerySchema, SampleViews } from './dataset-samples.js';

/** Samples of a version never change; which version is the newest does. */
const CACHED = 'private, max-age=60';

@ApiTags('datasets')
@ApiResponse({
  status: '4XX',
  description: 'Refused',
  content: { 'application/problem+json': { schema: reference('Problem') } },
})
@Controller('v1/datasets/:name/samples')
export class DatasetSamplesController {
  readonly #samples: SampleViews;

  constructor(samples: SampleViews) {
    this.#samples = samples;
  }

  @Get()
  @ApiOperation({ summary: "List samples of a data set's newest version" })
  @ApiQuery({ name: 'split', required: false, enum: ['train', 'val'] })
  @ApiQuery({ name: 'class', required: false, type: Number, description: 'Number of a class; default: all' })
  @ApiQuery({ name: 'seed', required: false, type: Number, description: 'Mixes them' })
  @ApiQuery({ name: 'offset', required: false, type: Number })
  @ApiQuery({ name: 'count', required: false, type: Number, description: 'At most 200, default 24' })
  @ApiResponse({ status: 200, schema: reference('DatasetSamples') })
  list(@Param('name') name: string, @Query() query: unknown): Promise<DatasetSamples> {
    return this.#samples.list(name, validated(samplesQuerySchema, query, 'the query'));
  }

  @Get(':split/:sample/image')
  @ApiOperation({ summary: 'Show a sample as it is stored, or as training sees it' })
  @ApiQuery({ name: 'view', required: false, enum: ['stored', 'augmented'] })
  @ApiQuery({ name: 'seed', required: false, type: Number, description: 'Another augmentation' })
  @ApiQuery({ name: 'augmentation', required: false, enum: augmentationSchema.options })
  @ApiQuery({ name: 'side', required: false, type: Number, description: 'Pixels, 16 to 1024; default by data set' })
  @ApiProduces('image/webp')
  async picture(
    @Param() { name = '', ...sample }: Readonly<Record<string, string>>,
    @Query() query: unknown,
    @Res() response: Response,
  ): Promise<void> {
    const picture = await this.#samples.picture(
      name,
      validated(sampleSchema, sample, 'the sample'),
      validated(pictureQuerySchema, query, 'the query'),
    );
    response
      .set('Cache-Control', CACHED)
      .type('image/webp')
      .send(Buffer.from(picture.buffer, picture.byteOffset, picture.length));
  }
}
