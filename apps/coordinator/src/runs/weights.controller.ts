import { Controller, Get, Inject, Param, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Coordinator } from '../coordinator.js';
import { weightsFile } from '../storage/checkpoint-files.js';
import { problem, ProblemException } from '../http/problem.js';
import { stepSchema } from '../http/queries.schema.js';
import { RunsService } from './runs.service.js';
import { sendFile } from '../http/send-file.js';
import { validated } from '../http/validated.js';

@ApiTags('runs')
@Controller('v1/runs')
export class WeightsController {
  readonly #runs: RunsService;
  readonly #coordinator: Coordinator;

  constructor(@Inject(RunsService) runs: RunsService, @Inject(Coordinator) coordinator: Coordinator) {
    this.#runs = runs;
    this.#coordinator = coordinator;
  }

  @Get(':id/checkpoints/:step/weights.safetensors')
  @ApiOperation({ summary: 'The weights of a checkpoint, with torchvision names; SHA-256 as in the checkpoint list' })
  @ApiProduces('application/octet-stream')
  download(@Param('id') id: string, @Param('step') step: string, @Res() response: Response): Promise<void> {
    return this.#send('weights', { id, step }, response);
  }

  @Get(':id/checkpoints/:step/average.safetensors')
  @ApiOperation({ summary: 'The running average of weights and statistics (EMA), where the run keeps one' })
  @ApiProduces('application/octet-stream')
  downloadAverage(@Param('id') id: string, @Param('step') step: string, @Res() response: Response): Promise<void> {
    return this.#send('average', { id, step }, response);
  }

  async #send(
    what: 'weights' | 'average',
    { id, step: stepText }: { readonly id: string; readonly step: string },
    response: Response,
  ): Promise<void> {
    const step = validated(stepSchema, stepText, 'the step');
    const { record } = this.#runs.find(id);
    const checkpoint = record.checkpoints.find((one) => one.step === step);
    const { checkpointDirectory } = this.#coordinator.config;
    const file = checkpoint && (await weightsFile(checkpointDirectory, id, checkpoint, `${what}.safetensors`));
    if (checkpoint === undefined || file === undefined) {
      const steps = record.checkpoints.map((one) => one.step).join(', ') || 'none';
      throw new ProblemException(problem(404, `run ${id} has no ${what} of step ${step} on disk; it lists: ${steps}`));
    }
    await sendFile(response, {
      ...file,
      name: `${id}-step${step}${what === 'average' ? '-average' : ''}.safetensors`,
      mediaType: 'application/octet-stream',
      etag: what === 'weights' ? checkpoint.weightsSha256 : checkpoint.averageSha256,
    });
  }
}
