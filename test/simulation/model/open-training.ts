import { INITIAL_VALIDATION_STATE, type TrainingPlan } from '#contracts';
import {
  INITIAL_SCHEDULE_STATE,
  readCheckpoint,
  TrainingWork,
  type CheckpointPort,
  type RoundWork,
  type TrainingSnapshot,
} from '#training';
import type { OpenWorkOptions } from '../../../apps/worker/src/run/open-work-options.js';
import { writeCheckpoint } from '../../../libs/training/src/checkpoint/checkpoint-files.js';
import { currentProcess, currentWorld } from '../world/world.js';
import { SimulatedBatches } from './batches.js';
import { copyOfState } from '#engine';
import { initialSimulatedState, SimulatedEngine } from './engine.js';
import { equipmentOf } from './equipment.js';

/** Takes the place of the worker's own: no TensorFlow and no pixels, but the production checkpoints on the simulated disk. */
export async function openTraining(plan: TrainingPlan, { origin, report }: OpenWorkOptions): Promise<RoundWork> {
  const { workerId } = origin;
  const { random } = currentWorld();
  const { shape, witness, slowness } = equipmentOf(currentProcess());
  const waits = { gradients: [5, 60], evaluate: [5, 30], apply: [0.5, 8], state: [0.5, 10] } as const;
  await pause(slowness * random.between(5, 400));
  const target = {
    directory: plan.checkpointDirectory,
    runId: plan.runId,
    writerId: workerId,
    keep: plan.spec.checkpoint.keep,
    network: shape.network,
    layout: shape.layout,
  };
  const files = { pathOf: (path: string) => Promise.resolve(path) };
  const checkpoints: CheckpointPort = {
    write: async (state, position) => {
      await pause(random.between(1, 40));
      return writeCheckpoint(target, state, position);
    },
  };
  const start = async (): Promise<TrainingSnapshot> => {
    const { round, checkpoint } = plan.start;
    if (checkpoint === null) {
      const state = copyOfState(initialSimulatedState(shape.layout, plan.spec.seed));
      return { round, state, schedule: INITIAL_SCHEDULE_STATE, validation: INITIAL_VALIDATION_STATE };
    }
    const { state, schedule, validation, commits } = await readCheckpoint(checkpoint, { ...shape, files });
    return { round, state, schedule, validation, ...(commits && { commits }) };
  };
  return new TrainingWork({
    spec: plan.spec,
    numbers: shape.numbers,
    layout: shape.layout,
    engines: new SimulatedEngine({
      layout: shape.layout,
      waitMs: (what) => slowness * random.between(waits[what][0], waits[what][1]),
      onApplied: (root, before, after) => witness.onApplied(workerId, root, before, after),
    }),
    batches: new SimulatedBatches(plan.spec.seed, shape.numbers, () => random.next() ** 4 * 30),
    checkpoints,
    start,
    origin,
    report,
  });
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
