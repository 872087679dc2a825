import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runSpecSchema, type StepTimings } from '#contracts';
import { makeShapesDataset } from '#dataset';
import { SkiplaneClient } from '../../api-client/skiplane-client.js';
import { startStack } from '../../local-stack/index.js';
import { median } from '#contracts';

export interface EndToEndResult {
  /** Whole run: JPEG files in, weights out, two parameter servers between. */
  readonly imagesPerSecond: number;
  /** Shares of a step's wall-clock time; they add up to 1. */
  readonly shares: Readonly<Record<'data' | 'compute' | 'exchange' | 'update', number>>;
}

const WAIT_MS = 600_000;
/** The first steps pay for caches and compilation. */
const SKIPPED_STEPS = 5;

/** The demo's network on the demo's kind of data, one epoch, through the real stack on a folder of its own. */
export async function endToEndBench(note: (line: string) => void, signal: AbortSignal): Promise<EndToEndResult> {
  const folder = await mkdtemp(join(tmpdir(), 'skiplane-bench-'));
  try {
    await makeShapesDataset(join(folder, 'shapes'), { numTrain: 5_120, numVal: 200, imageSize: 40, seed: 1, signal });
    await using stack = await startStack({ dataDirectory: join(folder, 'data'), port: 0, device: 'cpu', note, signal });
    const client = new SkiplaneClient({ url: stack.url });
    const spec = runSpecSchema.parse({
      name: 'bench',
      model: { architecture: 'resnet20', numClasses: 10 },
      dataset: { kind: 'image-folder', path: join(folder, 'shapes') },
      lanes: 4,
      laneBatchSize: 32,
      epochs: 1,
    });
    const { id } = await client.submit(spec, `bench-${process.pid}`);
    const deadline = performance.now() + WAIT_MS;
    let view = await client.run(id, signal);
    while (view.state === 'pending' || view.state === 'running') {
      if (performance.now() > deadline) throw new Error(`the run did not end within ${WAIT_MS / 1000} s`);
      await new Promise((resolve) => setTimeout(resolve, 250));
      view = await client.run(id, signal);
    }
    if (view.state !== 'finished')
      throw new Error(`the run ended as ${view.state}: ${view.reason ?? 'no reason given'}`);
    const { steps } = await client.metrics(id, 10_000);
    const counted = steps.slice(SKIPPED_STEPS);
    const share = (part: keyof StepTimings): number =>
      median(counted.map((step) => step.timings[part] / step.durationMs));
    return {
      imagesPerSecond: median(counted.map((step) => (step.samples * 1000) / step.durationMs)),
      shares: {
        data: share('dataMs'),
        compute: share('computeMs'),
        exchange: share('exchangeMs'),
        update: share('updateMs'),
      },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
