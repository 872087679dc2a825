import type { RunSpecInput, RunView, WireFormat } from '#contracts';
import { TrainingStack } from '../support/training-stack.js';

export const LANES = 16;

/** The smallest residual network, sixteen lanes of two images: a step of milliseconds. */
export const elasticRun = (world: TrainingStack, wire: WireFormat, epochs: number): RunSpecInput =>
  world.spec({
    name: `elastic-${wire}`,
    model: { architecture: 'resnet8', numClasses: 10, imageSize: 16 },
    lanes: LANES,
    laneBatchSize: 2,
    epochs,
    wire,
    checkpoint: { everySteps: 50, keep: 2 },
  });

/** What one worker alone, with one parameter server, makes of the run on each wire. */
export async function undisturbed(
  wires: readonly WireFormat[],
  epochs: number,
  timeoutMs: number,
): Promise<Map<WireFormat, RunView>> {
  await using world = await TrainingStack.start({ workers: 1, parameterServers: 1 });
  await world.workersReady(1);
  const views = new Map<WireFormat, RunView>();
  for (const wire of wires)
    views.set(wire, await world.finished(await world.submit(elasticRun(world, wire, epochs)), timeoutMs));
  return views;
}
