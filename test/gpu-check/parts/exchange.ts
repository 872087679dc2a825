import { measuredOf } from '../../../apps/cli/src/commands/bench/measure-run.js';
import { SkiplaneClient } from '../../../apps/cli/src/api-client/skiplane-client.js';
import { judged, type CheckContext, type CheckPart } from '../check-part.js';
import type { FinishedRun } from '../training-runs.js';

/** The first steps pay for caches and for what TensorFlow plans. */
const SKIPPED_STEPS = 5;

/** What the time of a step goes to, in the runs that other parts have made; judges nothing. */
export const exchange: CheckPart = {
  name: 'exchange',
  title: 'shares of data, compute, exchange and update in a step',
  limitSeconds: 240,
  run: async ({ runs, target }) => {
    const shares = [await sharesOf(await runs.partial(), runs)];
    if (target.numDevices > 1) shares.push(await sharesOf(await runs.onTwo(), runs));
    const said = shares.map(({ run, imagesPerSecond, percent }) => {
      const parts = Object.entries(percent).map(([part, value]) => `${part} ${value.toFixed(1)}`);
      return `${run}: ${imagesPerSecond.toFixed(0)} images/s, ${parts.join(', ')}`;
    });
    return judged([], said.join('; '), { shares });
  },
};

async function sharesOf(
  { title, view }: FinishedRun,
  runs: CheckContext['runs'],
): Promise<{
  readonly run: string;
  readonly imagesPerSecond: number;
  readonly percent: Readonly<Record<string, number>>;
}> {
  const world = await runs.world();
  if (world === null) throw new Error('the stack that made the run is gone');
  const { steps } = await new SkiplaneClient({ url: world.stack.url }).metrics(view.id, 10_000);
  const { value, facts = {} } = measuredOf(steps, SKIPPED_STEPS);
  return { run: title, imagesPerSecond: value, percent: facts };
}
