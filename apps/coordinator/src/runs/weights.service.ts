import { Inject, Injectable } from '@nestjs/common';
import type { CoordinatorConfig } from '../config/coordinator.config.js';
import { CONFIG } from '../config/settings.js';
import { problem, ProblemException } from '../http/problem.js';
import type { SentFile } from '../http/send-file.js';
import { weightsFile } from '../storage/checkpoint-files.js';
import { RunsService } from './runs.service.js';

/** What the REST routes for the weights of a checkpoint do. Throws problems. */
@Injectable()
export class WeightsService {
  readonly #runs: RunsService;
  readonly #checkpointDirectory: string;

  constructor(runs: RunsService, @Inject(CONFIG) { checkpointDirectory }: CoordinatorConfig) {
    this.#runs = runs;
    this.#checkpointDirectory = checkpointDirectory;
  }

  async file(id: string, step: number, what: 'weights' | 'average'): Promise<SentFile> {
    const checkpoints = this.#runs.checkpoints(id);
    const checkpoint = checkpoints.find((one) => one.step === step);
    const file = checkpoint && (await weightsFile(this.#checkpointDirectory, id, checkpoint, `${what}.safetensors`));
    if (checkpoint === undefined || file === undefined) {
      const steps = checkpoints.map((one) => one.step).join(', ') || 'none';
      throw new ProblemException(problem(404, `run ${id} has no ${what} of step ${step} on disk; it lists: ${steps}`));
    }
    return {
      ...file,
      name: `${id}-step${step}${what === 'average' ? '-average' : ''}.safetensors`,
      mediaType: 'application/octet-stream',
      etag: what === 'weights' ? checkpoint.weightsSha256 : checkpoint.averageSha256,
    };
  }
}
