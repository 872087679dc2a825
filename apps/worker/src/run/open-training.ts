import { INITIAL_VALIDATION_STATE, trainingTimeline, type TrainingPlan } from '#contracts';
import { buildNetwork, freezeParts, layoutOf, type Network, type VectorLayout } from '#resnet';
import {
  CheckpointWriter,
  firstState,
  INITIAL_SCHEDULE_STATE,
  readCheckpoint,
  TrainingWork,
  type RoundWork,
  type TrainingSnapshot,
} from '#training';
import { EnginePool, stepConfigOf } from '#engine';
import { openBatchLoader } from '#data-loading';
import { checkPrecision } from '../device/check-precision.js';
import type { OpenWorkOptions } from './open-work-options.js';

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
  const checkpoints = new CheckpointWriter({
    directory: plan.checkpointDirectory,
    runId: plan.runId,
    writerId: origin.workerId,
    keep: spec.checkpoint.keep,
    network,
    layout,
  });
  onClose(() => checkpoints.close());
  await engines.ready();
  return new TrainingWork({
    spec,
    numbers: trainingTimeline(plan),
    layout,
    engines,
    batches,
    checkpoints,
    start: () => startSnapshot(plan, network, layout),
    origin,
    report,
  });
}

function startSnapshot(plan: TrainingPlan, network: Network, layout: VectorLayout): TrainingSnapshot {
  const { start } = plan;
  if (start.checkpoint === null) {
    return {
      round: start.round,
      state: firstState(plan, network, layout),
      schedule: INITIAL_SCHEDULE_STATE,
      validation: INITIAL_VALIDATION_STATE,
    };
  }
  const { state, schedule, validation, commits } = readCheckpoint(start.checkpoint, network, layout);
  return { round: start.round, state, schedule, validation, ...(commits && { commits }) };
}
