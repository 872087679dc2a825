import { beforeAll, describe, expect, it } from '@jest/globals';
import { runCell, smallRun, type Cell } from '../chaos/run-cell.js';
import { TrainingStack } from '../support/training-stack.js';

const TIMEOUT_MS = 240_000;
const EPOCHS = 3;

/** Cells of the kill matrix (`npm run chaos` runs all) that differ most in what is in flight. */
const CELLS: readonly Cell[] = [
  { role: 'worker', phase: 'delivered to some', seed: 2 },
  { role: 'worker hung', phase: 'computing', seed: 3, isOverlapped: true },
  { role: 'parameter server', phase: 'reduced', seed: 4 },
  { role: 'coordinator', phase: 'checkpointing', seed: 5 },
];

describe('a run ends with the weights and the ledger of the undisturbed one', () => {
  let undisturbed: string | null;
  beforeAll(async () => {
    await using world = await TrainingStack.start({ workers: 1, parameterServers: 1 });
    undisturbed = (await world.finished(await world.submit(smallRun(world, EPOCHS)))).weightsSha256;
  }, TIMEOUT_MS);

  it.each(CELLS)(
    'when the $role is struck: $phase',
    async (cell) => {
      expect(undisturbed).not.toBeNull();
      expect(await runCell(cell, undisturbed ?? '')).toMatchObject({ faults: [], samplesLost: 0, samplesRepeated: 0 });
    },
    TIMEOUT_MS,
  );
});
