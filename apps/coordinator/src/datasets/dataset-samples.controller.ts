import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { augmentationSchema, type DatasetSamples } from '#contracts';
import { reference } from '../http/openapi.js';
import { validated } from '../http/validated.js';
import { pictureQuerySchema, sampleSchema, samplesQuerySchema, SampleViews } from './dataset-samples.js';

/** A browser keeps a picture and asks each time whether it is still the one: by its ETag, which costs no decoding. */
const CACHED = 'private, no-cache';
const DIGEST = { name: 'digest', required: false, description: 'Of a version; default: the newest one' };

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
  @ApiOperation({ summary: "List samples of a data set's newest version, or of another" })
  @ApiQuery(DIGEST)
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
  @ApiQuery(DIGEST)
  @ApiQuery({ name: 'view', required: false, enum: ['stored', 'augmented'] })
  @ApiQuery({ name: 'seed', required: false, type: Number, description: 'Another augmentation' })
  @ApiQuery({ name: 'augmentation', required: false, enum: augmentationSchema.options })
  @ApiQuery({ name: 'side', required: false, type: Number, description: 'Pixels, 16 to 1024; default by data set' })
  @ApiProduces('image/webp')
  @ApiResponse({ status: 304, description: 'The picture that the client has (If-None-Match)' })
  async picture(
    @Param() { name = '', ...sample }: Readonly<Record<string, string>>,
    @Query() query: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { etag, draw } = this.#samples.picture(
      name,
      validated(sampleSchema, sample, 'the sample'),
      validated(pictureQuerySchema, query, 'the query'),
    );
    response.set({ 'Cache-Control': CACHED, ETag: `"${etag}"` });
    if (request.fresh) {
      response.status(304).end();
      return;
    }
    const picture = await draw();
    response.type('image/webp').send(Buffer.from(picture.buffer, picture.byteOffset, picture.length));
  }
}
