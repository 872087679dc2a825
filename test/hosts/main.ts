/** `npm run test:hosts`: every worker and server on a host of its own; networks fail, processes hang; the same weights. */
import { parseArgs } from 'node:util';
import type { RunView } from '#contracts';
import { isWhole } from '../support/training-stack.js';
import { HostStack } from './host-stack.js';
import { againInHub, assertTools, hubAround } from './in-hub.js';
import { Network } from './network.js';
import { hasMemoryLimits, SCENARIOS, STREAM_SCENARIOS } from './scenarios.js';
import { findToxiproxy } from './toxiproxy.js';

const HELP = `Usage: npm run test:hosts -- [options]

Puts every worker and parameter server into a network namespace with an address of its own, trains a small run undisturbed
and once for each scenario, and compares the weights. Needs root and iproute2; the scenarios of single streams also need
toxiproxy-server on the PATH, or Go to build it.

  --only TEXT     scenarios whose name contains this
  --json          one JSON line last
  --help

Scenarios:
${[...Object.keys(SCENARIOS), ...Object.keys(STREAM_SCENARIOS)].map((name) => `  ${name}`).join('\n')}`;

/** Found outside, where the way to the world is. */
const TOXIPROXY = 'SKIPLANE_TEST_TOXIPROXY';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

async function outside(): Promise<number> {
  await assertTools();
  return againInHub({ [TOXIPROXY]: (await findToxiproxy()) ?? '' });
}

interface Outcome {
  readonly scenario: string;
  /** Null: skipped. */
  readonly isPassed: boolean | null;
  readonly message: string;
}

async function inside(hub: string): Promise<number> {
  const outcomes = [
    ...(await playAll(hub, SCENARIOS, null)),
    ...(await playStreams(hub, process.env[TOXIPROXY] ?? '')),
  ];
  const count = (wanted: boolean | null): number => outcomes.filter(({ isPassed }) => isPassed === wanted).length;
  const [passed, failed, skipped] = [count(true), count(false), count(null)];
  const text = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  console.log(values.json ? JSON.stringify({ passed, failed, skipped, outcomes }) : text);
  return failed === 0 ? 0 : 1;
}

async function playStreams(hub: string, toxiproxy: string): Promise<readonly Outcome[]> {
  if (toxiproxy !== '') return playAll(hub, STREAM_SCENARIOS, toxiproxy);
  const message = 'there is neither toxiproxy-server nor Go';
  return Object.keys(STREAM_SCENARIOS).map((scenario) => told({ scenario, isPassed: null, message }));
}

/** One stack for all of them: an undisturbed run first, then one for each. */
async function playAll(
  hub: string,
  scenarios: typeof SCENARIOS,
  toxiproxy: string | null,
): Promise<readonly Outcome[]> {
  const wanted = Object.entries(scenarios).filter(([scenario]) => scenario.includes(values.only));
  if (wanted.length === 0) return [];
  await using network = Network.attach(hub);
  await using stack = await HostStack.start(network, { servers: 2, workers: 2, toxiproxy });
  const undisturbed = await finished(stack, await stack.submit());
  console.error(`undisturbed: ${undisturbed.weightsSha256}`);
  const outcomes: Outcome[] = [];
  for (const [scenario, happen] of wanted) {
    const outcome =
      scenario.includes('memory') && !hasMemoryLimits()
        ? { isPassed: null, message: 'the kernel’s memory limits cannot be used here' }
        : await attempt(async () => {
            const runId = await stack.submit({ epochs: undisturbed.spec.epochs });
            await stack.until(runId, 'step 8', ({ progress }) => progress.step >= 8);
            await happen({ stack, network, runId });
            return faultOf(await finished(stack, runId), undisturbed);
          });
    outcomes.push(told({ scenario, ...outcome }));
    if (toxiproxy !== null) await stack.proxies.heal();
  }
  return outcomes;
}

function told(outcome: Outcome): Outcome {
  console.error(`${wordFor(outcome.isPassed)}: ${outcome.scenario}${outcome.message && ` (${outcome.message})`}`);
  return outcome;
}

function wordFor(isPassed: boolean | null): string {
  if (isPassed === null) return 'skipped';
  return isPassed ? 'passed' : 'FAILED';
}

async function attempt(work: () => Promise<string>): Promise<Omit<Outcome, 'scenario'>> {
  try {
    const message = await work();
    return { isPassed: message === '', message };
  } catch (error) {
    return { isPassed: false, message: String(error) };
  }
}

const finished = (stack: HostStack, id: string): Promise<RunView> =>
  stack.until(id, 'the end', ({ state }) => state === 'finished');

function faultOf(view: RunView, undisturbed: RunView): string {
  const faults = [
    ...(view.weightsSha256 === undisturbed.weightsSha256 ? [] : [`other weights: ${view.weightsSha256}`]),
    ...(isWhole(view) ? [] : ['the ledger is not whole']),
    ...(view.incarnation === 1 ? [] : [`begun anew ${view.incarnation - 1} times`]),
  ];
  return faults.join('; ');
}

const hub = hubAround();
if (values.help) console.log(HELP);
else {
  process.exitCode = await (hub === undefined ? outside() : inside(hub)).catch((error: unknown) => {
    console.error(error instanceof Error ? `test:hosts: ${error.message}` : error);
    return 1;
  });
}
