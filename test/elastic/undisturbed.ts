import { PRECISIONS, WIRE_FORMATS, type Precision, type RunSpecInput, type RunView, type WireFormat } from '#contracts';
import { TrainingStack } from '../support/training-stack.js';

export const LANES = 16;

/** What gradients are computed in and what they travel as. */
export interface Numerals {
  readonly precision: Precision;
  readonly wire: WireFormat;
}

/** Every combination. */
export const NUMERALS: readonly Numerals[] = PRECISIONS.flatMap((precision) =>
  WIRE_FORMATS.map((wire) => ({ precision, wire })),
);

/** The smallest residual network, sixteen lanes of two images: a step of milliseconds. */
export const elasticRun = (world: TrainingStack, { wire, precision }: Numerals, epochs: number): RunSpecInput =>
  world.spec({
    name: `elastic-${precision}-${wire}`,
    model: { architecture: 'resnet8', numClasses: 10, imageSize: 16 },
    lanes: LANES,
    laneBatchSize: 2,
    epochs,
    wire,
    precision,
    checkpoint: { everySteps: 50, keep: 2 },
  });

/** What one worker alone, with one parameter server, makes of the run of each. */
export async function undisturbed(
  numerals: readonly Numerals[],
  epochs: number,
  timeoutMs: number,
): Promise<Map<Numerals, RunView>> {
  await using world = await TrainingStack.start({ workers: 1, parameterServers: 1 });
  await world.workersReady(1);
  const views = new Map<Numerals, RunView>();
  for (const each of numerals)
    views.set(each, await world.finished(await world.submit(elasticRun(world, each, epochs)), timeoutMs));
  return views;
}
