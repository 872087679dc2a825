/** `npm run scaling`: steps of 1 to 4 workers over lines of several bandwidths, against the model of `skiplane plan`. */
import { HostStack } from '../hosts/host-stack.js';
import { againInHub, assertTools, hubAround } from '../hosts/in-hub.js';
import { Network } from '../hosts/network.js';
import { compare, comparisonsText, TOLERANCE, workOf, type Comparison } from './compare.js';
import { measureSteps } from './measure-steps.js';
import { readScalingOptions, type ScalingOptions } from './options.js';

async function outside(): Promise<number> {
  await assertTools();
  return againInHub();
}

async function inside(hub: string, options: ScalingOptions): Promise<number> {
  const { bandwidths, servers, wire } = options;
  await using network = Network.attach(hub);
  await using stack = await HostStack.start(network, {
    servers,
    workers: Math.max(...options.workers),
    toxiproxy: null,
  });
  const slow = async (bitsPerSecond: number): Promise<void> => {
    for (const host of stack.hosts) await network.slow(host, bitsPerSecond);
  };
  // Of one worker alone nothing travels, whatever the line.
  const alone = await measureSteps(stack, 1, options);
  const work = workOf(alone, wire);
  const comparisons: Comparison[] = [];
  const note = (comparison: Comparison): void => {
    comparisons.push(comparison);
    console.error(comparisonsText([comparison]).split('\n').at(-1));
  };
  for (const bitsPerSecond of bandwidths) {
    await slow(bitsPerSecond);
    for (const workers of options.workers) {
      const measured = await measureSteps(stack, workers, options);
      note(compare(work, { workers, bitsPerSecond, servers }, measured));
    }
  }
  const isRight = comparisons.every(({ deviation }) => Math.abs(deviation) <= TOLERANCE);
  console.log(comparisonsText(comparisons));
  if (options.json) console.log(JSON.stringify({ isRight, work, alone, comparisons }));
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
