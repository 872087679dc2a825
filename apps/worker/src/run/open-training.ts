import { setTimeout as delay } from 'node:timers/promises';
import { INITIAL_VALIDATION_STATE, isRemote, RecoverableError, trainingTimeline, type TrainingPlan } from '#contracts';
import { AddressedFiles } from '#stores';
import { buildNetwork, freezeParts, layoutOf, type Network, type VectorLayout } from '#resnet';
import {
  CheckpointWriter,
  firstState,
  INITIAL_SCHEDULE_STATE,
  readCheckpoint,
  StoredCheckpointWriter,
  TrainingWork,
  type RoundWork,
  type TrainingSnapshot,
} from '#training';
import { EnginePool, stepConfigOf } from '#engine';
import { openBatchLoader } from '#data-loading';
import { checkPrecision } from '../device/check-precision.js';
import type { OpenWorkOptions } from './open-work-options.js';

const START_RETRY_MS = 5_000;

/**
 * Builds the engines of a run and opens its data. Rejects with RefusedInputError when the data set is another one
 * or the worker cannot compute in the run's precision.
 */
export async function openTraining(plan: TrainingPlan, options: OpenWorkOptions): Promise<RoundWork> {
  const { device, isStaged, guard, indexes, stores, datasetPath, origin, report, onCache, onSkipped, onClose } =
    options;
  const { spec } = plan;
  const network = freezeParts(buildNetwork(spec.model), spec.fineTune?.frozen ?? []);
  const layout = layoutOf(network);
  const { engine, numEngines, devices, numDataThreads, bf16 } = device;
  checkPrecision(device, spec.precision);
  if (spec.precision === 'bf16' && engine === 'graph' && bf16 === 'slow') {
    const message = 'its CPU has neither AMX nor AVX512_BF16: bf16 is slower on it than fp32';
    report({ kind: 'note', ...origin, level: 'warning', topic: 'worker', message, at: Date.now() });
  }
  const engines = new EnginePool({
    network,
    engine,
    // A place in the graph that no lane of the run takes would keep a device from having one.
    lanesAtOnce: Math.min(numEngines, spec.lanes),
    devices,
    config: stepConfigOf(spec),
    isStaged,
    guard,
  });
  onClose(() => engines.close());
  const batches = await openBatchLoader({
    plan,
    imageSize: network.imageSize,
    decoder: engine === 'graph' ? 'tensorflow' : 'portable',
    numThreads: numDataThreads,
    indexes,
    stores,
    path: datasetPath,
    onCache,
    onSkipped,
  });
  onClose(() => batches.close());
  const checkpoints = openCheckpoints(plan, network, layout, options);
  onClose(() => checkpoints.close());
  await engines.ready();
  return new TrainingWork({
    spec,
    numbers: trainingTimeline(plan),
    layout,
    engines,
    batches,
    checkpoints,
    start: () => patientStart(plan, network, layout, options),
    origin,
    report,
  });
}

/** In the folder that all workers see, or in the run's store. */
function openCheckpoints(
  plan: TrainingPlan,
  network: Network,
  layout: VectorLayout,
  { stores, staging, origin, report }: OpenWorkOptions,
): CheckpointWriter | StoredCheckpointWriter {
  const target = {
    directory: plan.checkpointDirectory,
    runId: plan.runId,
    writerId: origin.workerId,
    keep: plan.spec.checkpoint.keep,
    network,
    layout,
  };
  if (!isRemote(target.directory)) return new CheckpointWriter(target);
  const tell = (level: 'info' | 'error', message: string): void =>
    report({ kind: 'note', ...origin, level, topic: 'checkpoint', message, at: Date.now() });
  return new StoredCheckpointWriter({ target, stores, staging, tell });
}

/** A store that is away is waited for: who gave up would be of no more use to the run. */
async function patientStart(
  plan: TrainingPlan,
  network: Network,
  layout: VectorLayout,
  { stores, origin, report, onClose }: OpenWorkOptions,
): Promise<TrainingSnapshot> {
  const files = new AddressedFiles(stores);
  const closing = new AbortController();
  onClose(async () => {
    closing.abort(new Error('the run is left'));
    files.close();
  });
  let isTold = false;
  for (;;) {
    try {
      return await startSnapshot(plan, { network, layout, files });
    } catch (error) {
      closing.signal.throwIfAborted();
      if (!(error instanceof RecoverableError)) throw error;
      const message = `its state cannot be read yet: ${error.message}; it is tried again`;
      if (!isTold) report({ kind: 'note', ...origin, level: 'warning', topic: 'checkpoint', message, at: Date.now() });
      isTold = true;
      await delay(START_RETRY_MS, undefined, { signal: closing.signal });
    }
  }
}

async function startSnapshot(
  plan: TrainingPlan,
  place: { readonly network: Network; readonly layout: VectorLayout; readonly files: AddressedFiles },
): Promise<TrainingSnapshot> {
  const { start } = plan;
  if (start.checkpoint === null) {
    return {
      round: start.round,
      state: await firstState(plan, place),
      schedule: INITIAL_SCHEDULE_STATE,
      validation: INITIAL_VALIDATION_STATE,
    };
  }
  const { state, schedule, validation, commits } = await readCheckpoint(start.checkpoint, place);
  return { round: start.round, state, schedule, validation, ...(commits && { commits }) };
}
