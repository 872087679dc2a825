import { Injectable } from '@nestjs/common';
import type { CheckpointName } from '#contracts';
import { problem, ProblemException } from '../http/problem.js';
import type { SentFile } from '../http/send-file.js';
import { CheckpointFiles } from '../storage/checkpoint-files.js';
import { checkpointsText, checkpointText, namedCheckpoint, placeOf } from './kept-checkpoints.js';
import { RunsService } from './runs.service.js';

/** What the REST routes for the weights of a checkpoint do. Throws problems. */
@Injectable()
export class WeightsService {
  readonly #runs: RunsService;
  readonly #files: CheckpointFiles;

  constructor(runs: RunsService, files: CheckpointFiles) {
    this.#runs = runs;
    this.#files = files;
  }

  async file(id: string, name: CheckpointName, what: 'weights' | 'average'): Promise<SentFile> {
    const { record } = await this.#runs.find(id);
    const checkpoint = namedCheckpoint(record, name);
    const file = checkpoint && (await this.#files.weights(record, checkpoint, `${what}.safetensors`));
    if (checkpoint === undefined || file === undefined) {
      const message = `run ${id} has no ${what} ${checkpointText(name)} ${placeOf(record)}; ${checkpointsText(record, name)}`;
      throw new ProblemException(problem(404, message));
    }
    return {
      ...file,
      name: `${id}-step${checkpoint.step}${what === 'average' ? '-average' : ''}.safetensors`,
      mediaType: 'application/octet-stream',
      etag: what === 'weights' ? checkpoint.weightsSha256 : checkpoint.averageSha256,
    };
  }
}
