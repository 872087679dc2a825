import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { RefusedInputError, type DatasetSpec, type RecordedDataset, type RunSpec } from '#contracts';
import { inspectDataset, type DatasetInspection } from '#dataset';
import type { RunRecord } from '../record/run-record.schema.js';
import { initialWeightsFaults, type InitialWeightsFiles } from './initial-weights.js';
import type { LiveRun } from './live-run.js';
import { redisAbsent } from './redis-absent.js';
import type { RunRegistry } from './run-registry.js';

export interface Submission {
  readonly run: LiveRun;
  /** The run was there already, submitted under the same key. */
  readonly isReplay: boolean;
}

/** What submitting needs of the coordinator. */
export interface SubmitterPorts {
  readonly registry: RunRegistry;
  readonly initialWeights: InitialWeightsFiles;
  readonly clock: () => number;
  /** Throws when Redis does not answer. */
  pingRedis(): Promise<void>;
  /** There is a new run to be given workers. */
  nudge(): void;
}

/** Where a run comes from that no user submitted by itself. */
export interface RunOrigin {
  readonly study: NonNullable<RunRecord['study']>;
  /** Data sets that were looked at already. */
  readonly inspections: DatasetInspections;
}

/** Looks at each data set once, however many specs name it. */
export class DatasetInspections {
  private readonly held = new Map<string, Promise<DatasetInspection>>();

  of(spec: RunSpec): Promise<DatasetInspection> {
    const key = JSON.stringify(spec.dataset);
    const inspection = this.held.get(key) ?? inspect(spec.dataset);
    this.held.set(key, inspection);
    return inspection;
  }
}

/** Checks a spec against its data set and makes it a run. Errors: RefusedInputError, RedisAbsentError, IdempotencyConflictError. */
export class RunSubmitter {
  /** Submissions under way, by key: the second of two at once gets the first one's run. */
  private readonly underWay = new Map<string, Promise<LiveRun>>();

  constructor(private readonly coordinator: SubmitterPorts) {}

  /** The run of a study's trial, which is not submitted twice because the study knows its runs. */
  submitTrial(submitted: RunSpec, origin: RunOrigin): Promise<LiveRun> {
    return this.create(withAbsolutePaths(submitted), undefined, origin);
  }

  async submit(submitted: RunSpec, idempotencyKey: string | undefined): Promise<Submission> {
    const spec = withAbsolutePaths(submitted);
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

  private async create(spec: RunSpec, idempotencyKey: string | undefined, origin?: RunOrigin): Promise<LiveRun> {
    await this.coordinator.pingRedis().catch((error: unknown) => {
      throw redisAbsent(error, 'the run was not taken');
    });
    const weightsFaults = await initialWeightsFaults(spec, { readsNumbers: true });
    const inspection = await (origin?.inspections ?? new DatasetInspections()).of(spec).catch((error: unknown) => {
      if (!(error instanceof RefusedInputError)) throw error;
      throw new RefusedInputError(error.message, [...error.faults, ...weightsFaults], { cause: error });
    });
    const { registry, initialWeights } = this.coordinator;
    const faults = [...specFaults(spec, inspection), ...weightsFaults];
    if (faults.length > 0) throw new RefusedInputError('the run cannot be trained as specified', faults);
    const identity = registry.nextId();
    const run = await registry.create(identity, {
      spec,
      dataset: datasetOf(inspection),
      initialWeights: await initialWeights.keep(identity.id, spec),
      idempotencyKey,
      study: origin?.study,
    });
    if (inspection.skipped.length > 0) {
      const message = `${inspection.skipped.length} files are no readable images and are left out`;
      run.note({ at: this.coordinator.clock(), level: 'warning', topic: 'data', message });
    }
    this.coordinator.nudge();
    return run;
  }
}

/** Workers may have another working folder than the coordinator. */
export function withAbsolutePaths(spec: RunSpec): RunSpec {
  const { dataset, initialWeights } = spec;
  return {
    ...spec,
    dataset: { ...dataset, path: resolve(dataset.path) },
    ...(initialWeights === undefined ? {} : { initialWeights: resolve(initialWeights) }),
  };
}

async function inspect(dataset: DatasetSpec): Promise<DatasetInspection> {
  const { path } = dataset;
  const isFolder = await stat(path)
    .then((found) => found.isDirectory())
    .catch(() => false);
  if (!isFolder) {
    const message = `the coordinator finds no folder ${path}`;
    throw new RefusedInputError(message, [{ path: 'dataset.path', message }]);
  }
  try {
    return await inspectDataset(dataset);
  } catch (error) {
    if (!(error instanceof RefusedInputError) || error.faults.length > 0) throw error;
    throw new RefusedInputError(error.message, [{ path: 'dataset.path', message: error.message }], { cause: error });
  }
}

function datasetOf(inspection: DatasetInspection): RecordedDataset {
  const { numTrainSamples, numValidationSamples, classes, classNames, digest } = inspection;
  const hasNames = classNames.some((name, label) => name !== classes[label]);
  return {
    numTrainSamples,
    numValidationSamples,
    classes: [...classes],
    digest,
    ...(hasNames && { classNames: [...classNames] }),
  };
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
