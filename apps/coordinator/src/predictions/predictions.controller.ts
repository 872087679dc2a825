import {
  Body,
  Controller,
  HttpCode,
  Param,
  Post,
  Query,
  Req,
  Res,
  UploadedFile,
  UseInterceptors,
} from '@nestjs/common';
import { FileInterceptor } from '@nestjs/platform-express';
import { ApiBody, ApiConsumes, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { IMAGE_MEDIA_TYPES, MAX_PREDICTION_BYTES, predictionQuerySchema } from '#contracts';
import { reference } from '../http/openapi.js';
import { PredictionsService } from './predictions.service.js';
import { validated } from '../http/validated.js';
import { ApiWeightsQuery } from '../runs/weights-query.js';

const PROBLEM = { 'application/problem+json': { schema: reference('Problem') } };
const BINARY = { type: 'string', format: 'binary' } as const;

@ApiTags('runs')
@Controller('v1/runs')
export class PredictionsController {
  readonly #predictions: PredictionsService;

  constructor(predictions: PredictionsService) {
    this.#predictions = predictions;
  }

  @Post(':id/predict')
  @HttpCode(200)
  @UseInterceptors(FileInterceptor('image', { limits: { fileSize: MAX_PREDICTION_BYTES, files: 1 } }))
  @ApiOperation({
    summary: "Classify an image by a run's network",
    description:
      'The body is an image file (JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF), or a form with it in the field `image`. ' +
      'A worker predicts, training or idle. ' +
      'With `overlay=grad-cam` and `Accept: image/png` the answer is the overlay itself.',
  })
  @ApiConsumes(...IMAGE_MEDIA_TYPES, 'multipart/form-data')
  @ApiBody({ schema: BINARY })
  @ApiQuery({ name: 'top', required: false, type: Number, description: 'Number of classes. Default 5' })
  @ApiWeightsQuery()
  @ApiQuery({ name: 'overlay', required: false, enum: ['grad-cam'] })
  @ApiQuery({
    name: 'class',
    required: false,
    description: 'Class of the overlay, name or index. Default: the most probable',
  })
  @ApiResponse({
    status: 200,
    content: { 'application/json': { schema: reference('Prediction') }, 'image/png': { schema: BINARY } },
  })
  @ApiResponse({ status: '4XX', description: 'Refused, or the run has no weights yet (409)', content: PROBLEM })
  @ApiResponse({ status: 503, description: 'No worker is here, or Redis does not answer', content: PROBLEM })
  @ApiResponse({ status: 504, description: 'No worker answered in time', content: PROBLEM })
  async predict(
    @Param('id') id: string,
    @Query() query: unknown,
    @Body() body: unknown,
    @UploadedFile() file: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const left = new AbortController();
    response.once('close', () => left.abort());
    const asked = {
      query: validated(predictionQuerySchema, query, 'the query'),
      image: this.#predictions.imageOf(file ?? body),
      wantsPicture: request.accepts(['application/json', 'image/png']) === 'image/png',
      signal: left.signal,
    };
    const answer = await this.#predictions.predict(id, asked);
    if (Buffer.isBuffer(answer)) response.type('png').send(answer);
    else response.json(answer);
  }
}
