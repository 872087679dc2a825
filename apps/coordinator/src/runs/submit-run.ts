import { resolve } from 'node:path';
import { Injectable } from '@nestjs/common';
import { isRemote, RefusedInputError, type RecordedDataset, type RunSpec, type SubmittedRun } from '#contracts';
import { absoluteDataset } from '../datasets/absolute-dataset.js';
import { DatasetInspections } from '../datasets/dataset-inspections.js';
import { DatasetNames } from '../datasets/dataset-names.js';
import { DatasetScans, type TellProgress } from '../datasets/dataset-scans.js';
import { IndexPublishing } from '../datasets/index-publishing.js';
import type { InspectedDataset } from '../datasets/scan-messages.js';
import { CheckpointFiles } from '../storage/checkpoint-files.js';
import { DataFolder } from '../storage/data-folder.js';
import { StoredFiles } from '../storage/stored-files.js';
import type { TrainingRecord } from '../storage/run-record.schema.js';
import type { StudyDataset } from '../storage/study-record.schema.js';
import { CheckpointCopies, type ResumedCheckpoint } from './checkpoint-copies.js';
import { initialWeightsFaults, InitialWeightsFiles } from './initial-weights.js';
import type { TrainingRun } from './live-run.js';
import { OnceByKey, type MadeOnce } from './once-by-key.js';
import { RedisLink } from '../redis/redis-link.js';
import { SchedulingLoop } from '../scheduling/scheduling-loop.js';
import { historyBefore } from './resumed-history.js';
import { RunRegistry } from './run-registry.js';
import type { NewRun, SubmittedClone } from './submitted.js';

/** Where a run comes from that no user submitted by itself. */
export interface RunOrigin {
  readonly study: NonNullable<TrainingRecord['study']>;
  /** Data sets that were looked at already. */
  readonly inspections: DatasetInspections;
  /** What its data set stood for when the study was submitted; undefined where the study does not know. */
  readonly found: StudyDataset | undefined;
}

/** The checkpoint that a run goes on from, and the run that wrote it. */
export interface ResumedRun {
  readonly from: ResumedCheckpoint;
  readonly run: TrainingRun;
}

/** A run that is made after another. */
export interface PreparedClone {
  /** With absolute paths. */
  readonly spec: RunSpec;
  readonly origin: NonNullable<TrainingRecord['origin']>;
  /** A file with the initial weights that the spec names, to be read in its place. */
  readonly keptWeights: string | undefined;
  /** What it goes on from, where it does. */
  readonly resumed?: ResumedRun | undefined;
  readonly tell: TellProgress;
}

/** What a run is made of besides its spec. */
interface Circumstances extends Partial<RunOrigin>, Partial<Pick<PreparedClone, 'origin' | 'keptWeights' | 'resumed'>> {
  readonly inspections: DatasetInspections;
  readonly idempotencyKey?: string | undefined;
  readonly submitted?: SubmittedRun | SubmittedClone;
}

/** Checks a spec against its data set and makes it a run. Errors: RefusedInputError, RedisAbsentError, IdempotencyConflictError. */
@Injectable()
export class RunSubmitter {
  readonly #registry: RunRegistry;
  readonly #initialWeights: InitialWeightsFiles;
  readonly #checkpoints: CheckpointCopies;
  readonly #files: CheckpointFiles;
  readonly #stored: StoredFiles;
  readonly #folder: DataFolder;
  readonly #scans: DatasetScans;
  readonly #names: DatasetNames;
  readonly #redis: RedisLink;
  readonly #scheduling: SchedulingLoop;
  readonly #indexes: IndexPublishing;
  readonly #once = new OnceByKey<TrainingRun>();

  constructor(
    registry: RunRegistry,
    initialWeights: InitialWeightsFiles,
    checkpoints: CheckpointCopies,
    files: CheckpointFiles,
    stored: StoredFiles,
    folder: DataFolder,
    scans: DatasetScans,
    names: DatasetNames,
    redis: RedisLink,
    scheduling: SchedulingLoop,
    indexes: IndexPublishing,
  ) {
    this.#registry = registry;
    this.#initialWeights = initialWeights;
    this.#checkpoints = checkpoints;
    this.#files = files;
    this.#stored = stored;
    this.#folder = folder;
    this.#scans = scans;
    this.#names = names;
    this.#redis = redis;
    this.#scheduling = scheduling;
    this.#indexes = indexes;
  }

  /** The run of a study's trial, which is not submitted twice because the study knows its runs. */
  async submitTrial(submitted: SubmittedRun, origin: RunOrigin): Promise<TrainingRun> {
    const spec = withAbsolutePaths(submitted);
    const { found } = origin;
    return this.#create(found === undefined ? this.#names.resolved(spec) : { ...spec, dataset: found.dataset }, origin);
  }

  /** `tell`: what is done meanwhile. */
  submit(given: SubmittedRun, idempotencyKey: string | undefined, tell: TellProgress): Promise<MadeOnce<TrainingRun>> {
    const submitted = withAbsolutePaths(given);
    return this.#once.make(
      idempotencyKey,
      (key) => this.#registry.findRunByKey(key, submitted),
      async () => {
        const inspections = new DatasetInspections(this.#scans, tell);
        return this.#create(this.#names.resolved(submitted), { submitted, idempotencyKey, inspections });
      },
    );
  }

  /** `prepare` is asked once where the key is new. It may throw. */
  submitClone(
    submitted: SubmittedClone,
    idempotencyKey: string | undefined,
    prepare: () => PreparedClone | Promise<PreparedClone>,
  ): Promise<MadeOnce<TrainingRun>> {
    return this.#once.make(
      idempotencyKey,
      (key) => this.#registry.findRunByKey(key, submitted),
      async () => {
        const { spec, tell, ...others } = await prepare();
        const inspections = new DatasetInspections(this.#scans, tell);
        return this.#create(spec, { ...others, submitted, idempotencyKey, inspections });
      },
    );
  }

  async #create(
    named: RunSpec,
    { inspections, keptWeights, resumed, found, ...circumstances }: Circumstances,
  ): Promise<TrainingRun> {
    await this.#redis.require('the run was not taken');
    const source = { ...named, ...(keptWeights !== undefined && { initialWeights: keptWeights }) };
    const weightsFaults = await initialWeightsFaults(source, this.#files, { readsNumbers: true });
    // A study has asked the stores of its trials.
    const storeFaults = circumstances.study === undefined ? await storeFaultsOf(named, this.#stored) : [];
    const inspection = await inspections.of(named).catch((error: unknown) => {
      if (!(error instanceof RefusedInputError)) throw error;
      throw new RefusedInputError(error.message, [...error.faults, ...weightsFaults, ...storeFaults], {
        cause: error,
      });
    });
    const { spec, faults: nameFaults } = await this.#names.confirmed(named, inspection);
    const faults = [
      ...nameFaults,
      ...specFaults(spec, inspection),
      ...weightsFaults,
      ...storeFaults,
      ...changedDataFaults(inspection, { resumed, found: nameFaults.length > 0 ? undefined : found }),
    ];
    if (faults.length > 0) throw new RefusedInputError('the run cannot be trained as specified', faults);
    const identity = this.#registry.nextId();
    const kept = await this.#initialWeights.keep(identity.id, source);
    const run = await this.#registry.create(identity, {
      spec,
      dataset: datasetOf(inspection),
      initialWeights: kept?.weights,
      ...(resumed && (await this.#goingOn(identity.id, spec, resumed))),
      idempotencyKey: undefined,
      ...circumstances,
    });
    if (inspection.numSkipped > 0) {
      const message = `${inspection.numSkipped} files are no readable images and are left out`;
      run.note({ level: 'warning', topic: 'data', message });
    }
    if (kept?.taken !== undefined) {
      run.note({ level: 'info', topic: 'data', message: `of the initial weights: ${kept.taken}` });
    }
    this.#indexes.nudge();
    this.#scheduling.nudge();
    return run;
  }

  /** What the record of a run begins with that goes on from another's checkpoint. */
  async #goingOn(
    id: string,
    spec: RunSpec,
    { from, run }: ResumedRun,
  ): Promise<Pick<NewRun, 'checkpoints' | 'history' | 'mixedFromStep' | 'fastFromStep'>> {
    const checkpoint = await this.#checkpoints.keep(id, spec, from);
    const upTo = (step: number | null): number | null => (step !== null && step <= checkpoint.step ? step : null);
    const { mixedFromStep, fastFromStep } = from.original;
    return {
      checkpoints: [checkpoint],
      history: historyBefore(run, checkpoint.round, this.#folder.path),
      mixedFromStep: upTo(mixedFromStep),
      fastFromStep: upTo(fastFromStep),
    };
  }
}

/** The position in the data means nothing in other data, and trials of other data cannot be compared. */
function changedDataFaults(
  { digest }: Pick<InspectedDataset, 'digest'>,
  { resumed, found }: Pick<Circumstances, 'resumed' | 'found'>,
): { path: string; message: string }[] {
  const fault = (message: string): { path: string; message: string }[] => [{ path: 'dataset', message }];
  if (resumed !== undefined && resumed.from.original.dataset.digest !== digest)
    return fault('has changed since the run was submitted: its checkpoints cannot be gone on from');
  if (found !== undefined && found.digest !== digest)
    return fault('has changed since the study was submitted: its trials would train on different samples');
  return [];
}

/** Workers may have another working folder than the coordinator. */
export function withAbsolutePaths(spec: SubmittedRun): SubmittedRun {
  const { dataset, initialWeights } = spec;
  return {
    ...spec,
    dataset: dataset.kind === 'named' ? dataset : absoluteDataset(dataset),
    ...(initialWeights === undefined ? {} : { initialWeights: absolute(initialWeights) }),
  };
}

function absolute(path: string): string {
  return isRemote(path) ? path : resolve(path);
}

/** What keeps the store that a spec names from being written to. */
export async function storeFaultsOf(
  { checkpoint: { store } }: RunSpec,
  stored: Pick<StoredFiles, 'probe'>,
): Promise<{ path: string; message: string }[]> {
  const message = store === undefined ? undefined : await stored.probe(store);
  return message === undefined ? [] : [{ path: 'checkpoint.store', message }];
}

function datasetOf(inspection: InspectedDataset): RecordedDataset {
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
  dataset: Pick<InspectedDataset, 'numTrainSamples' | 'classes'>,
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
