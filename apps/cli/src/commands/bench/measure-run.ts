import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  median,
  runSpecSchema,
  TERMINAL_STATES,
  type Precision,
  type RunView,
  type StepMetrics,
  type StepTimings,
} from '#contracts';
import { SkiplaneClient } from '../../api-client/skiplane-client.js';
import { startStack } from '../../local-stack/index.js';
import type { Measured } from './compare-in-turn.js';

/** A run of one lane per core, and the images that are drawn for it. */
export interface RunWork {
  readonly model: 'resnet20' | 'resnet50';
  readonly precision: Precision;
  readonly lanes: number;
  readonly laneBatchSize: number;
  /** Steps of its one epoch; those before `skippedSteps` pay for caches and compilation. */
  readonly numSteps: number;
  readonly skippedSteps: number;
  readonly drawnSize: number;
}

export interface RunPlace {
  readonly numWorkers: number;
  /** The image folder. */
  readonly data: string;
  /** For a folder of the stack's own. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

const WAIT_MS = 600_000;
/** Seldom: an answer costs the coordinator and this process some milliseconds of the cores that train. */
const POLL_MS = 2_000;

/** A whole run of one epoch by a stack of its own, on the CPU, the cores split among its workers. */
export async function measureRun(work: RunWork, { numWorkers, data, folder, signal }: RunPlace): Promise<Measured> {
  const dataDirectory = await mkdtemp(join(folder, 'stack-'));
  try {
    await using stack = await startStack({ dataDirectory, port: 0, device: 'cpu', workers: numWorkers, signal });
    const client = new SkiplaneClient({ url: stack.url });
    const spec = runSpecSchema.parse({
      name: 'bench',
      model: { architecture: work.model, numClasses: 10 },
      dataset: { kind: 'image-folder', path: data },
      precision: work.precision,
      lanes: work.lanes,
      laneBatchSize: work.laneBatchSize,
      workers: { min: numWorkers, max: numWorkers },
      epochs: 1,
    });
    const { id } = await client.submit(spec, `bench-${process.pid}`);
    const view = await ended(client, id, signal);
    if (view.state !== 'finished')
      throw new Error(`the run ended as ${view.state}: ${view.reason ?? 'no reason given'}`);
    const { steps } = await client.metrics(id, 10_000);
    return measuredOf(steps, work.skippedSteps);
  } finally {
    await rm(dataDirectory, { recursive: true, force: true, maxRetries: 10 });
  }
}

async function ended(client: SkiplaneClient, id: string, signal: AbortSignal): Promise<RunView> {
  const deadline = performance.now() + WAIT_MS;
  for (;;) {
    const view = await client.run(id, signal);
    if (TERMINAL_STATES.includes(view.state)) return view;
    if (performance.now() > deadline) throw new Error(`the run did not end within ${WAIT_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

const PARTS = { data: 'dataMs', compute: 'computeMs', exchange: 'exchangeMs', update: 'updateMs' } as const;

/** From the end of the last step that is skipped to the end of the run's last one. */
export function measuredOf(steps: readonly StepMetrics[], numSkipped: number): Measured {
  const counted = steps.slice(numSkipped);
  const [first, last] = [steps[numSkipped - 1], counted.at(-1)];
  if (first === undefined || last === undefined) throw new Error(`the run had ${steps.length} steps`);
  const samples = counted.reduce((sum, step) => sum + step.samples, 0);
  const share = (part: keyof StepTimings): number =>
    100 * median(counted.map((step) => step.timings[part] / step.durationMs));
  return {
    value: (samples * 1_000) / (last.at - first.at),
    facts: Object.fromEntries(Object.entries(PARTS).map(([name, part]) => [`${name} %`, share(part)])),
  };
}
