/** `npm run scaling`: steps of 1 to 4 workers over lines of several bandwidths, against the model of `skiplane plan`. */
import { HostStack } from '../hosts/host-stack.js';
import { againInHub, assertTools, hubAround } from '../hosts/in-hub.js';
import { Network } from '../hosts/network.js';
import { compare, comparisonsText, TOLERANCE, workOf, type Comparison, type MeasuredWork } from './compare.js';
import { measureSteps, NETWORKS } from './measure-steps.js';
import { readScalingOptions, type ScalingOptions } from './options.js';

async function outside(): Promise<number> {
  await assertTools();
  return againInHub();
}

/** Of one worker alone nothing travels, whatever the line; what it takes is the model's for all others. */
async function inside(hub: string, options: ScalingOptions): Promise<number> {
  const { bandwidths, servers, wire } = options;
  const trained = NETWORKS[options.network];
  let work: MeasuredWork | null = null;
  const comparisons: Comparison[] = [];
  for (const overlap of options.overlap) {
    await using network = Network.attach(hub);
    await using stack = await HostStack.start(network, {
      servers,
      workers: Math.max(...options.workers),
      toxiproxy: null,
      env: { SKIPLANE_OVERLAP: overlap },
    });
    work ??= workOf(await measureSteps(stack, 1, { ...options, trained }), trained, wire);
    for (const bitsPerSecond of bandwidths) {
      for (const host of stack.hosts) await network.slow(host, bitsPerSecond);
      for (const workers of options.workers) {
        const measured = await measureSteps(stack, workers, { ...options, trained });
        const comparison = compare(work, { overlap, workers, bitsPerSecond, servers }, measured);
        comparisons.push(comparison);
        console.error(comparisonsText([comparison]).split('\n').at(-1));
      }
    }
  }
  const isRight = comparisons.every(({ deviation }) => Math.abs(deviation) <= TOLERANCE);
  console.log(comparisonsText(comparisons));
  if (options.json) console.log(JSON.stringify({ isRight, work, comparisons }));
  return isRight ? 0 : 1;
}

const options = readScalingOptions(process.argv.slice(2));
if (options !== null) {
  const hub = hubAround();
  process.exitCode = await (hub === undefined ? outside() : inside(hub, options)).catch((error: unknown) => {
    console.error(error instanceof Error ? `scaling: ${error.message}` : error);
    return 1;
  });
}
