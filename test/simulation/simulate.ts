import { pino } from 'pino';
import type { Logger } from '#telemetry';
import type { FaultName } from './fault-names.js';
import { FAULTS } from './faults.js';
import { RunRecord, type Baseline } from './model/run-record.js';
import { NUM_SHAPES, runShape, type RunShape } from './model/run-shape.js';
import { SimulatedSystem } from './system.js';
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
  const shape = runShape(random.int(0, NUM_SHAPES - 1));
  const plan = {
    shape,
    baseline: await baselineOf(shape),
    numWorkers: random.int(1, 4),
    numServers: random.int(1, 2),
    faults: Array.from({ length: random.int(1, 5) }, () => ({
      atMs: random.between(50, 3_500),
      name: random.pick(faultNames),
    })),
  };
  return (await play(seed, plan, print)).result;
}

/** The run that nothing disturbs: one worker, one server. */
async function baselineOf(shape: RunShape): Promise<Baseline> {
  const held = baselines.get(shape.key);
  if (held !== undefined) return held;
  const undisturbed = { shape, baseline: null, numWorkers: 1, numServers: 1, faults: [] };
  const { result, record } = await play(0, undisturbed, null);
  if (result.failures.length > 0) throw new Error(`the undisturbed run failed: ${result.failures.join('; ')}`);
  const baseline = record.asBaseline();
  baselines.set(shape.key, baseline);
  return baseline;
}

async function play(
  seed: number,
  { shape, baseline, numWorkers, numServers, faults }: Plan,
  print: ((line: string) => void) | null,
): Promise<{ readonly result: SimulationResult; readonly record: RunRecord }> {
  const trace = new Trace(print);
  const world = new World(seed, trace);
  const record = new RunRecord(shape, baseline);
  enterWorld(world);
  const system = new SimulatedSystem({ world, shape, record, numServers, logger: (name) => loggerOf(trace, name) });
  const happened: string[] = [];
  const random = world.random.fork();
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
    () => record.isFinished || record.faults.length > 0 || world.failures.length > 0 || world.clock.now > deadline,
  );
  const failures = verdict(world, system, record, shape);
  for (const failure of failures) trace.say('verdict', failure);
  enterWorld(null);
  const { clock } = world;
  const virtualMs = Math.round(clock.now - EPOCH_MS);
  const result = { seed, failures, faults: happened, virtualMs, events: clock.numEvents, digest: clock.digest >>> 0 };
  return { result, record };
}

function verdict(world: World, system: SimulatedSystem, record: RunRecord, shape: RunShape): string[] {
  const failures = world.failures.map(({ process, error }) => `${process}: ${error}`);
  if (record.isFinished) record.settle();
  else if (failures.length + record.faults.length === 0) failures.push(`the run did not finish: ${system.describe()}`);
  failures.push(...record.faults);
  // Four rounds kept, one coming, each lane's push and its sum in two ranges; small ranges count as 4 KiB.
  const limit = 5 * 2 * (shape.spec.lanes + 1) * (shape.layout.vectorLength * 4 + 4_096);
  if (system.peakMemoryBytes > limit)
    failures.push(`a parameter server held ${system.peakMemoryBytes} bytes, more than ${limit}`);
  return failures;
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
