import { Injectable } from '@nestjs/common';
import type { CloneRequest, RunSpec, RunView } from '#contracts';
import { DatasetNames } from '../datasets/dataset-names.js';
import type { TellProgress } from '../datasets/dataset-scans.js';
import type { Made } from '../submissions/answer-submission.js';
import { CheckpointCopies } from './checkpoint-copies.js';
import { cloneSpec } from './clone-spec.js';
import { RunsService } from './runs.service.js';
import { RunSubmitter, withAbsolutePaths } from './submit-run.js';

/** What the REST route for clones does. Throws problems. */
@Injectable()
export class ClonesService {
  readonly #runs: RunsService;
  readonly #submitter: RunSubmitter;
  readonly #checkpoints: CheckpointCopies;
  readonly #names: DatasetNames;

  constructor(runs: RunsService, submitter: RunSubmitter, checkpoints: CheckpointCopies, names: DatasetNames) {
    this.#runs = runs;
    this.#submitter = submitter;
    this.#checkpoints = checkpoints;
    this.#names = names;
  }

  /** `tell`: what is done meanwhile. A replay is answered even where the original is deleted by now. */
  async clone(id: string, request: CloneRequest, key: string | undefined, tell: TellProgress): Promise<Made<RunView>> {
    const { made, isReplay } = await this.#submitter.submitClone({ runId: id, request }, key, async () => {
      const run = await this.#runs.find(id);
      const { record } = run;
      const original = this.#withKnownName(record.spec);
      const spec = this.#names.resolved(withAbsolutePaths(cloneSpec(original, request)));
      const { checkpoint: name } = request;
      const from = name === undefined ? undefined : await this.#checkpoints.find(record, name, spec);
      return {
        spec,
        origin: { runId: id, step: from?.checkpoint.step ?? null },
        resumed: from && { from, run },
        // The copy that the run has of its own: the file itself may be another one by now.
        keptWeights: Object.hasOwn(request.changes, 'initialWeights') ? undefined : record.initialWeights?.path,
        tell,
      };
    });
    return { view: this.#runs.view(made), isReplay };
  }

  /** The spec says where the data set lies, also when its name is gone. */
  #withKnownName(spec: RunSpec): RunSpec {
    const { name, ...dataset } = spec.dataset;
    return name === undefined || this.#names.knows(name) ? spec : { ...spec, dataset };
  }
}
