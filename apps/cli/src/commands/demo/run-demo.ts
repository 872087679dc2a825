import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TERMINAL_STATES, type RunView } from '#contracts';
import { UnexpectedAnswerError } from '../../api-client/api-errors.js';
import type { CommandIo } from '../../action/command-io.js';
import { downloadWeights } from '../../api-client/download-weights.js';
import { EXIT, type ExitCode } from '../../action/exit-codes.js';
import { plainLine } from '../../output/progress-line.js';
import { SkiplaneClient } from '../../api-client/skiplane-client.js';
import { showRun } from '../../output/watch-run.js';
import { checkDemoOptions, type DemoOptions } from './demo-options.js';
import { inspectFolder } from './demo-data.js';
import type { ThisMachine } from '../../local-stack/this-machine.js';
import { demoReport, demoReportText } from './demo-report.js';
import { DEMO_NAME_PREFIX, demoSpec } from './demo-spec.js';

/** A run that commits no step for so long gets nowhere; the first step waits for TensorFlow to load. */
const STALL_MS = 180_000;
/** Four a second. */
const FINAL_CHECKPOINT_TRIES = 60;

/**
 * Trains a ResNet-20 on this machine from nothing: provisions, makes the data, starts the whole stack, submits the run
 * through the REST API like any user, and stops what it started. Ctrl-C at any time does the same.
 */
export async function runDemo(options: DemoOptions, io: CommandIo, machine: ThisMachine): Promise<ExitCode> {
  checkDemoOptions(options);
  using interrupts = io.interrupts();
  const { signal } = interrupts;
  const note = (line: string): void => io.err(line);
  try {
    await machine.provision(note, signal);
    signal.throwIfAborted();
    const data =
      options.data === undefined
        ? await machine.drawShapes(options.dataDir, note, signal)
        : await inspectFolder(options.data);
    signal.throwIfAborted();
    await using stack = await machine.startStack(options, note, signal);
    signal.throwIfAborted();
    const client = new SkiplaneClient({ url: stack.url, apiKey: options.apiKey });
    await cancelLeftovers(client, note);
    const submitted = await client.submit(demoSpec(options, data), randomUUID());
    note(`run ${submitted.id} submitted; dashboard: ${stack.url}/`);
    const run = await withFinalCheckpoint(client, await trained(client, submitted.id, io, signal));
    await report(client, run, options, io);
    if (options.keep) await untilInterrupted(stack.url, note, signal);
    note('stopping the processes ...');
    return run.state === 'finished' ? EXIT.ok : run.state === 'cancelled' ? EXIT.cancelled : EXIT.runFailed;
  } catch (error) {
    if (!signal.aborted) throw error;
    note('stopped: no process of the demo is left');
    return EXIT.interrupted;
  }
}

/** A demo that was killed leaves a run which its successor's workers would go on with. */
async function cancelLeftovers(client: SkiplaneClient, note: (line: string) => void): Promise<void> {
  const { runs } = await client.runs({ limit: 100 });
  for (const run of runs) {
    if (TERMINAL_STATES.includes(run.state)) continue;
    if (run.name.startsWith(DEMO_NAME_PREFIX)) {
      await client.steer(run.id, 'cancel');
      note(`cancelled run ${run.id}, left over from an earlier demo`);
    } else if (run.state !== 'paused') {
      note(`run ${run.id} (${run.name}) is ${run.state}: the demo shares the workers with it`);
    }
  }
}

/**
 * The run when it is over. Ctrl-C cancels it first, so that it does not come back with the next demo; so does a run
 * that gets nowhere, such as one whose worker crashes at every start.
 */
async function trained(client: SkiplaneClient, id: string, io: CommandIo, signal: AbortSignal): Promise<RunView> {
  const stall = new AbortController();
  let latest: RunView | null = null;
  const timer = setTimeout(() => stall.abort(), STALL_MS);
  const onRun = (run: RunView): void => {
    if (latest === null || run.progress.step > latest.progress.step || run.state !== latest.state) timer.refresh();
    latest = run;
  };
  try {
    return await showRun(client, id, io, { signal: AbortSignal.any([signal, stall.signal]), journalFrom: 0, onRun });
  } catch (error) {
    if (!signal.aborted && !stall.signal.aborted) throw error;
    await client.steer(id, 'cancel').catch((failure: unknown) => {
      io.err(`run ${id} could not be cancelled: ${String(failure)}`);
    });
    signal.throwIfAborted();
    const why = latest === null ? '' : ` (${plainLine(latest)})`;
    throw new Error(`run ${id} committed no step for ${STALL_MS / 1000} s${why} and was cancelled`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

async function report(client: SkiplaneClient, run: RunView, options: DemoOptions, io: CommandIo): Promise<void> {
  const result = demoReport(run, await client.metrics(run.id, 10), options.workers);
  if (run.state === 'finished') await verifyWeights(client, run);
  const text = demoReportText(result, run, client.url);
  if (!options.json) {
    io.out(text);
    return;
  }
  io.err(text);
  // The one line of stdout.
  io.out(JSON.stringify(result));
}

/** What a user would download must be what the run says it has trained. */
async function verifyWeights(client: SkiplaneClient, run: RunView): Promise<void> {
  const last = run.checkpoints.find((checkpoint) => checkpoint.weightsSha256 === run.weightsSha256);
  if (last === undefined) {
    throw new UnexpectedAnswerError(`run ${run.id} has no checkpoint with its final weights ${run.weightsSha256}`);
  }
  const folder = await mkdtemp(join(tmpdir(), 'skiplane-demo-'));
  try {
    await downloadWeights(client, run, join(folder, 'weights.safetensors'), {
      step: last.step,
      ema: false,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The final checkpoint is reported on its own and may come a moment after the end of the run. */
async function withFinalCheckpoint(client: SkiplaneClient, ended: RunView): Promise<RunView> {
  let run = ended;
  for (let tries = 0; tries < FINAL_CHECKPOINT_TRIES && !hasFinalWeights(run); tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    run = await client.run(run.id);
  }
  return run;
}

function hasFinalWeights(run: RunView): boolean {
  return run.state !== 'finished' || run.checkpoints.some(({ weightsSha256 }) => weightsSha256 === run.weightsSha256);
}

async function untilInterrupted(url: string, note: (line: string) => void, signal: AbortSignal): Promise<void> {
  note(`the stack goes on at ${url}; Ctrl-C stops it`);
  if (signal.aborted) return;
  // A timer keeps the process alive whatever else does.
  const alive = setInterval(() => undefined, 60_000);
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  clearInterval(alive);
}
