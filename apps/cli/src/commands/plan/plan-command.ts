import { RefusedInputError, type SubmittedRun } from '#contracts';
import { buildNetwork, freezeParts, layoutOf } from '#resnet';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { clientCommand, runClientAction, type ClientFlags } from '../../action/client-command.js';
import type { CommandSetup } from '../../action/command-io.js';
import { EXIT } from '../../action/exit-codes.js';
import { findRun } from '../../api-client/find-run.js';
import type { SkiplaneClient } from '../../api-client/skiplane-client.js';
import { readSpec } from '../../flags/spec-file.js';
import { wholeNumber } from '../../flags/whole-number.js';
import { bandwidth } from './bandwidth.js';
import { changesThatHelp } from './changes-that-help.js';
import { timesOfRun, type MeasuredTimes } from './measured-run.js';
import { plansText } from './plan-text.js';
import { OVERLAPS, stagesOf, type Overlap } from './stages-of.js';
import { planStep, type StepWork } from './step-model.js';

interface PlanFlags extends ClientFlags {
  readonly workers: readonly number[];
  readonly workersPerHost: number;
  readonly parameterServers: number;
  readonly engines: number;
  readonly bandwidth: number;
  readonly lanesPerWorker?: number;
  readonly computeMs?: number;
  readonly updateMs: number;
  readonly vectorMs: number;
  readonly overlap: Overlap;
  readonly run?: string;
  readonly runWorkers?: number;
}

const EXAMPLES = `skiplane plan run.json --workers 8 --bandwidth 10G --compute-ms 104
skiplane plan --run latest --workers 2,4,8 --bandwidth 25G --parameter-servers 8 --json`;

const MOST_WORKERS = 4_096;

/** `skiplane plan SPEC`: what a step would take on more workers, by the model in .docs/scaling.md. */
export function planCommand(setup: CommandSetup): Command {
  return clientCommand('plan', 'say how fast a run would be on more workers, and what would bound it', EXAMPLES)
    .argument('[file]', 'JSON file that describes the run; - reads it from stdin; default: that of --run')
    .requiredOption('--workers <n,...>', 'numbers of workers', workerNumbers)
    .requiredOption('--bandwidth <rate>', 'of every host, each way: 10G, 100M', bandwidth)
    .option('--parameter-servers <n>', 'each on a host of its own', wholeNumber(1, MOST_WORKERS), 2)
    .option('--workers-per-host <n>', 'workers that share a line', wholeNumber(1, MOST_WORKERS), 1)
    .option('--engines <n>', 'lanes that a worker computes at once', wholeNumber(1, 256), 1)
    .option('--lanes-per-worker <n>', 'as many lanes as workers need, not those of the run', wholeNumber(1, 256))
    .option('--compute-ms <ms>', 'what the gradients of these lanes take', milliseconds)
    .option('--update-ms <ms>', 'what the update of a step takes', milliseconds, 0)
    .option(
      '--vector-ms <ms>',
      'what a vector’s way between device and host takes, where workers are several',
      milliseconds,
      0,
    )
    .addOption(
      new Option('--overlap <when>', 'SKIPLANE_OVERLAP of the workers; auto: on without --vector-ms, as on a CPU')
        .choices(OVERLAPS)
        .default('auto'),
    )
    .option('--run <run>', 'takes these times from the recorded steps of a run')
    .option('--run-workers <n>', 'workers that run had, where it is over', wholeNumber(1, MOST_WORKERS))
    .action((file: string | undefined, flags: PlanFlags) =>
      runClientAction(setup, flags, async (client) => {
        const { spec, times } = await inputs(setup, client, file, flags);
        setup.io.out(planned(spec, times, flags));
        return EXIT.ok;
      }),
    );
}

/** The run, and what the parts of its step take. */
interface Inputs {
  readonly spec: SubmittedRun;
  readonly times: MeasuredTimes;
}

/** Asks the coordinator only where `--run` names one of its runs. */
async function inputs(
  { io }: CommandSetup,
  client: SkiplaneClient,
  file: string | undefined,
  { computeMs, updateMs, run: reference, runWorkers, engines }: PlanFlags,
): Promise<Inputs> {
  const given = computeMs === undefined ? null : { computeMs, updateMs, dataMs: 0 };
  const spec = file === undefined ? null : await readSpec(file, () => io.readStdin());
  const run = reference === undefined || (given && spec) ? null : await findRun(client, reference);
  const known = spec ?? run?.spec;
  const times = given ?? (run && (await timesOfRun(client, run, { runWorkers, engines })));
  if (known === undefined || times === null) {
    throw new RefusedInputError('too little is known for a plan', [
      ...(known === undefined ? [{ path: 'file', message: 'name the file of a run, or a run with --run' }] : []),
      ...(times === null
        ? [{ path: '--compute-ms', message: 'say what the gradients of a lane take, or name a run with --run' }]
        : []),
    ]);
  }
  return { spec: known, times };
}

function planned(spec: SubmittedRun, times: MeasuredTimes, flags: PlanFlags): string {
  const network = freezeParts(buildNetwork(spec.model), spec.fineTune?.frozen ?? []);
  const { vectorLength, numTrained } = layoutOf(network);
  const { lanes, laneBatchSize, wire } = spec;
  const { overlap, vectorMs } = flags;
  const stages = stagesOf(network, overlap === 'auto' ? vectorMs === 0 : overlap === 'on');
  const work: StepWork = { lanes, laneBatchSize, wire, vectorLength, numTrained, stages, vectorMs, ...times };
  const { workersPerHost, parameterServers: servers, engines, bandwidth: bitsPerSecond, lanesPerWorker } = flags;
  const plans = flags.workers.map((workers) => {
    const whole = lanesPerWorker === undefined ? work : { ...work, lanes: workers * lanesPerWorker };
    const plan = planStep(whole, { workers, workersPerHost, servers, engines, bitsPerSecond });
    return { lanes: whole.lanes, ...plan, advice: changesThatHelp(whole, plan, stagesOf(network, true)) };
  });
  return flags.json ? JSON.stringify({ name: spec.name, work, plans }) : plansText(spec.name, plans);
}

function workerNumbers(text: string): readonly number[] {
  return text.split(',').map(wholeNumber(1, MOST_WORKERS));
}

function milliseconds(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('Expected milliseconds.');
}
