import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { RefusedInputError, type RunPlan, type RunSpec } from '#contracts';
import { inspectDataset, type DatasetInspection } from '#dataset';
import type { Coordinator } from '../coordinator.js';
import type { LiveRun } from './live-run.js';

/** Redis does not answer, so nobody could be told of a run. */
export class RedisAbsentError extends Error {
  override readonly name = 'RedisAbsentError';
}

export interface Submission {
  readonly run: LiveRun;
  /** The run was there already, submitted under the same key. */
  readonly isReplay: boolean;
}

/** Checks a spec against its data set and makes it a run. Errors: RefusedInputError, RedisAbsentError, IdempotencyConflictError. */
export class RunSubmitter {
  /** Submissions under way, by key: the second of two at once gets the first one's run. */
  private readonly underWay = new Map<string, Promise<LiveRun>>();

  constructor(private readonly coordinator: Coordinator) {}

  async submit(submitted: RunSpec, idempotencyKey: string | undefined): Promise<Submission> {
    const spec = { ...submitted, dataset: { ...submitted.dataset, path: resolve(submitted.dataset.path) } };
    if (idempotencyKey === undefined) return { run: await this.create(spec, undefined), isReplay: false };
    while (this.underWay.has(idempotencyKey)) await this.underWay.get(idempotencyKey)?.catch(() => undefined);
    const held = this.coordinator.registry.findByKey(idempotencyKey, spec);
    if (held !== undefined) return { run: held, isReplay: true };
    const creating = this.create(spec, idempotencyKey);
    this.underWay.set(idempotencyKey, creating);
    try {
      return { run: await creating, isReplay: false };
    } finally {
      this.underWay.delete(idempotencyKey);
    }
  }

  private async create(spec: RunSpec, idempotencyKey: string | undefined): Promise<LiveRun> {
    await this.coordinator.pingRedis().catch((error: unknown) => {
      throw new RedisAbsentError('Redis does not answer; the run was not taken, try again', { cause: error });
    });
    const inspection = await inspect(spec);
    const faults = specFaults(spec, inspection);
    if (faults.length > 0) throw new RefusedInputError('the run cannot be trained as specified', faults);
    const run = await this.coordinator.registry.create(spec, datasetOf(inspection), idempotencyKey);
    if (inspection.skipped.length > 0) {
      const message = `${inspection.skipped.length} files are no readable images and are left out`;
      run.note({ at: this.coordinator.clock(), level: 'warning', topic: 'data', message });
    }
    this.coordinator.nudge();
    return run;
  }
}

async function inspect(spec: RunSpec): Promise<DatasetInspection> {
  const { path } = spec.dataset;
  const isFolder = await stat(path)
    .then((found) => found.isDirectory())
    .catch(() => false);
  if (!isFolder) {
    const message = `the coordinator finds no folder ${path}`;
    throw new RefusedInputError(message, [{ path: 'dataset.path', message }]);
  }
  try {
    return await inspectDataset(spec.dataset);
  } catch (error) {
    if (!(error instanceof RefusedInputError) || error.faults.length > 0) throw error;
    throw new RefusedInputError(error.message, [{ path: 'dataset.path', message: error.message }], { cause: error });
  }
}

function datasetOf({ numTrainSamples, numValidationSamples, classes, digest }: DatasetInspection): RunPlan['dataset'] {
  return { numTrainSamples, numValidationSamples, classes: [...classes], digest };
}

/** What only shows once spec and data are seen together; every fault, not the first. */
export function specFaults(
  spec: RunSpec,
  dataset: Pick<DatasetInspection, 'numTrainSamples' | 'classes'>,
): { path: string; message: string }[] {
  const faults: { path: string; message: string }[] = [];
  const numFolders = dataset.classes.length;
  if (spec.model.numClasses !== numFolders) {
    const message = `is ${spec.model.numClasses}, the data set has ${numFolders} classes`;
    faults.push({ path: 'model.numClasses', message });
  }
  const globalBatch = spec.lanes * spec.laneBatchSize;
  if (globalBatch > dataset.numTrainSamples) {
    const message = `${spec.lanes} lanes x ${spec.laneBatchSize} = ${globalBatch} samples a step, the data set has ${dataset.numTrainSamples}`;
    faults.push({ path: 'laneBatchSize', message });
  }
  if (spec.workers.min > spec.lanes) {
    const message = `is ${spec.workers.min}, but ${spec.lanes} lanes keep no more than ${spec.lanes} workers busy`;
    faults.push({ path: 'workers.min', message });
  }
  return faults;
}
