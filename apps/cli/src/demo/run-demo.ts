import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TERMINAL_STATES, type RunView } from '#contracts';
import { UnexpectedAnswerError } from '../client/api-errors.js';
import type { CommandIo } from '../client/command-io.js';
import { downloadWeights } from '../client/download-weights.js';
import { EXIT, type ExitCode } from '../client/exit-codes.js';
import { SkiplaneClient } from '../client/skiplane-client.js';
import { showRun } from '../client/watch-run.js';
import { checkDemoOptions, type DemoOptions } from './demo-options.js';
import type { DemoPlatform } from './demo-platform.js';
import { demoReport, demoReportText } from './demo-report.js';
import { DEMO_NAME_PREFIX, demoSpec } from './demo-spec.js';

/**
 * Trains a ResNet-20 on this machine from nothing: provisions, makes the data, starts the whole stack, submits the run
 * through the REST API like any user, and stops what it started. Ctrl-C at any time does the same.
 */
export async function runDemo(options: DemoOptions, io: CommandIo, platform: DemoPlatform): Promise<ExitCode> {
  checkDemoOptions(options);
  using interrupts = io.interrupts();
  const { signal } = interrupts;
  const note = (line: string): void => io.err(line);
  try {
    await platform.provision(note, signal);
    signal.throwIfAborted();
    const data = await platform.prepareData(options, note, signal);
    signal.throwIfAborted();
    await using stack = await platform.startStack(options, note, signal);
    signal.throwIfAborted();
    const client = new SkiplaneClient({ url: stack.url, apiKey: options.apiKey });
    await cancelLeftovers(client, note);
    const submitted = await client.submit(demoSpec(options, data), randomUUID());
    note(`run ${submitted.id} submitted; dashboard: ${stack.url}/`);
    const run = await trained(client, submitted.id, io, signal);
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
    if (run.spec.name.startsWith(DEMO_NAME_PREFIX)) {
      await client.steer(run.id, 'cancel');
      note(`cancelled run ${run.id}, left over from an earlier demo`);
    } else if (run.state !== 'paused') {
      note(`run ${run.id} (${run.spec.name}) is ${run.state}: the demo shares the workers with it`);
    }
  }
}

/** The run when it is over. Ctrl-C cancels it first, so that it does not come back with the next demo. */
async function trained(client: SkiplaneClient, id: string, io: CommandIo, signal: AbortSignal): Promise<RunView> {
  try {
    return await showRun(client, id, io, { signal, journalFrom: 0 });
  } catch (error) {
    if (signal.aborted) {
      await client.steer(id, 'cancel').catch((failure: unknown) => {
        io.err(`run ${id} could not be cancelled: ${String(failure)}`);
      });
    }
    throw error;
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
  const folder = await mkdtemp(join(tmpdir(), 'skiplane-demo-'));
  try {
    const weights = await downloadWeights(client, run, join(folder, 'weights.safetensors'));
    if (weights.sha256 !== run.weightsSha256) {
      throw new UnexpectedAnswerError(
        `the newest checkpoint has weights of SHA-256 ${weights.sha256}, the run says ${run.weightsSha256}`,
      );
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function untilInterrupted(url: string, note: (line: string) => void, signal: AbortSignal): Promise<void> {
  note(`the stack goes on at ${url}; Ctrl-C stops it`);
  if (signal.aborted) return;
  // A timer keeps the process alive whatever else does.
  const alive = setInterval(() => undefined, 60_000);
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  clearInterval(alive);
}
