import { pino } from 'pino';
import type { Logger } from '#telemetry';
import type { FaultName } from './fault-names.js';
import { FAULTS } from './faults.js';
import { drawShape, type RunShape } from './model/run-shape.js';
import { Witness } from './model/witness.js';
import { SimulatedSystem } from './system.js';
import { judge, type Baseline } from './verdict.js';
import { EPOCH_MS } from './world/clock.js';
import { Random } from './world/random.js';
import { Trace } from './world/trace.js';
import { enterWorld, World } from './world/world.js';

export interface SimulationResult {
  readonly seed: number;
  /** What did not hold; empty when all did. */
  readonly failures: readonly string[];
  readonly faults: readonly string[];
  readonly virtualMs: number;
  readonly events: number;
  /** Equal for two runs of a seed. */
  readonly digest: number;
}

interface Plan {
  readonly shape: RunShape;
  readonly baseline: Baseline | null;
  readonly numWorkers: number;
  readonly numServers: number;
  readonly faults: readonly { readonly atMs: number; readonly name: FaultName }[];
  /** Of workers and servers; a worker that is alone for twice as long commits without roots. */
  readonly silenceMs: number;
}

/** How long a run may take once nothing is wrong any more. */
const PATIENCE_MS = 120_000;
const FAULTS_LAST_MS = 7_000;

const baselines = new Map<string, Baseline>();

/** Simulates a run with the faults that the seed draws from `faultNames`. `print`: gets a readable log. */
export async function simulate(
  seed: number,
  faultNames: readonly FaultName[],
  print: ((line: string) => void) | null = null,
): Promise<SimulationResult> {
  const random = new Random(seed);
  const shape = drawShape(random);
  const plan = {
    shape,
    baseline: await baselineOf(shape),
    numWorkers: random.int(1, 4),
    numServers: random.int(1, 2),
    faults: Array.from({ length: random.int(1, 5) }, () => ({
      atMs: random.between(50, 3_500),
      name: random.pick(faultNames),
    })),
    silenceMs: random.chance(0.4) ? 200 : 2_000,
  };
  return (await play(seed, plan, print)).result;
}

/** The run that nothing disturbs: one worker, one server. */
async function baselineOf(shape: RunShape): Promise<Baseline> {
  const held = baselines.get(shape.key);
  if (held !== undefined) return held;
  const undisturbed = { shape, baseline: null, numWorkers: 1, numServers: 1, faults: [], silenceMs: 2_000 };
  const { result, baseline } = await play(0, undisturbed, null);
  if (result.failures.length > 0 || baseline === null)
    throw new Error(`the undisturbed run failed: ${result.failures.join('; ')}`);
  baselines.set(shape.key, baseline);
  return baseline;
}

async function play(
  seed: number,
  { shape, baseline, numWorkers, numServers, faults, silenceMs }: Plan,
  print: ((line: string) => void) | null,
): Promise<{ readonly result: SimulationResult; readonly baseline: Baseline | null }> {
  const trace = new Trace(print);
  const world = new World(seed, trace);
  const witness = new Witness(baseline?.applied ?? null);
  enterWorld(world);
  const logger = (name: string): Logger => loggerOf(trace, name);
  const system = new SimulatedSystem({ world, shape, witness, numServers, silenceMs, logger });
  const happened: string[] = [];
  const random = world.random.fork();
  system.startCoordinator();
  for (let index = 0; index < numServers; index += 1) system.startServer(index);
  for (let index = 0; index < numWorkers; index += 1) system.startWorker(random.chance(0.2) ? 3 : 1);
  for (const { atMs, name } of faults) {
    system.after(atMs, () => {
      const words = FAULTS[name]({ world, system, random });
      if (words === null) return;
      happened.push(words);
      trace.say('fault', words);
    });
  }
  system.after(FAULTS_LAST_MS + 3_000, () => world.network.mendAll());
  const deadline = EPOCH_MS + FAULTS_LAST_MS + PATIENCE_MS;
  await world.clock.run(
    () => system.isSettled || witness.faults.length > 0 || world.failures.length > 0 || world.clock.now > deadline,
  );
  const onlyClocks = faults.length > 0 && faults.every(({ name }) => name === 'set-clock');
  const { failures, account } = judge(world, system, witness, { shape, baseline, onlyClocks });
  for (const failure of failures) trace.say('verdict', failure);
  enterWorld(null);
  const { clock } = world;
  const virtualMs = Math.round(clock.now - EPOCH_MS);
  const result = { seed, failures, faults: happened, virtualMs, events: clock.numEvents, digest: clock.digest >>> 0 };
  return { result, baseline: account && { applied: witness.applied, account } };
}

function loggerOf(trace: Trace, name: string): Logger {
  if (!trace.isOn) return pino({ level: 'silent' });
  return pino(
    { level: 'debug', base: null, timestamp: false },
    {
      write: (line) => {
        const { level: _level, msg = '', ...fields } = JSON.parse(line) as Record<string, unknown>;
        trace.say(name, `${String(msg)} ${JSON.stringify(fields)}`);
      },
    },
  );
}
