import { Controller, Get, Param, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { checkpointNameTextSchema } from '#contracts';
import { sendFile } from '../http/send-file.js';
import { validated } from '../http/validated.js';
import { WeightsService } from './weights.service.js';

@ApiTags('runs')
@Controller('v1/runs')
export class WeightsController {
  readonly #weights: WeightsService;

  constructor(weights: WeightsService) {
    this.#weights = weights;
  }

  @Get(':id/checkpoints/:step/weights.safetensors')
  @ApiOperation({
    summary:
      'The weights of a checkpoint (its step, newest or best), with torchvision names; SHA-256 as in the checkpoint list',
  })
  @ApiProduces('application/octet-stream')
  async download(@Param('id') id: string, @Param('step') step: string, @Res() response: Response): Promise<void> {
    await sendFile(
      response,
      await this.#weights.file(id, validated(checkpointNameTextSchema, step, 'the step'), 'weights'),
    );
  }

  @Get(':id/checkpoints/:step/average.safetensors')
  @ApiOperation({ summary: 'The running average of weights and statistics (EMA), where the run keeps one' })
  @ApiProduces('application/octet-stream')
  async downloadAverage(
    @Param('id') id: string,
    @Param('step') step: string,
    @Res() response: Response,
  ): Promise<void> {
    await sendFile(
      response,
      await this.#weights.file(id, validated(checkpointNameTextSchema, step, 'the step'), 'average'),
    );
  }
}
