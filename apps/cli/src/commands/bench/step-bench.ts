/** Entry of a child process: images per second of the training step alone, without data and network. Prints one JSON line. */
import { availableParallelism } from 'node:os';
import { PRECISIONS } from '#contracts';
import { foldTree } from '#parameter-server';
import { buildNetwork, initialState, layoutOf } from '#resnet';
import { configureThreads } from '#tensorflow-runtime';
import { DEFAULT_STEP_CONFIG, EnginePool, firstStateOf, type BatchTree } from '#engine';
import type { Batch } from '#data-loading';
import { z } from 'zod';

export const stepBenchOptionsSchema = z.strictObject({
  model: z.enum(['resnet20', 'resnet50']),
  batch: z.int().min(1),
  lanes: z.int().min(1),
  precision: z.enum(PRECISIONS).default('fp32'),
  warmup: z.int().min(0),
  steps: z.int().min(1),
});
export type StepBenchOptions = z.infer<typeof stepBenchOptionsSchema>;

/** As many lanes side by side as are asked for, their sum and the update, as a worker does that has all lanes. */
async function measure(options: StepBenchOptions): Promise<number> {
  const numClasses = options.model === 'resnet20' ? 10 : 1000;
  const network = buildNetwork({ architecture: options.model, numClasses });
  const layout = layoutOf(network);
  configureThreads({ engines: options.lanes });
  const config = { ...DEFAULT_STEP_CONFIG, precision: options.precision };
  const engines = new EnginePool({ network, engine: 'graph', lanesAtOnce: options.lanes, config });
  await engines.ready();
  await engines.writeState(firstStateOf(initialState(layout, 1), layout, config));
  const pixels = options.batch * network.imageSize ** 2 * 3;
  const images = Uint8Array.from({ length: pixels }, (_, index) => (index * 2_654_435_761) >>> 24);
  const batch = (): Batch => ({
    images: images.slice(),
    labels: Int32Array.from({ length: options.batch }, (_, index) => index % numClasses),
    numSamples: options.batch,
  });
  const makeTree = (): BatchTree =>
    foldTree<BatchTree>({ lo: 0, hi: options.lanes }, batch, (left, right) => [left, right]);
  const sums = {
    globalBatch: options.batch * options.lanes,
    numRounded: 0,
    lanes: Array.from({ length: options.lanes }, (_, lane) => lane),
  };
  let tree = makeTree();
  let elapsedMs = 0;
  for (let step = 0; step < options.warmup + options.steps; step += 1) {
    const begun = performance.now();
    await engines.train(tree, sums, { learningRate: 0.01, step: step + 1 });
    if (step >= options.warmup) elapsedMs += performance.now() - begun;
    // Engines take the buffers; making new ones is the data pipeline's work, not the step's.
    tree = makeTree();
  }
  await engines.close();
  return (options.steps * options.lanes * options.batch * 1000) / elapsedMs;
}

const options = stepBenchOptionsSchema.parse(JSON.parse(process.argv[2] ?? '{}'));
const imagesPerSecond = await measure(options).catch((error: unknown) => {
  // In a line: whoever started this shows it.
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
process.stdout.write(`${JSON.stringify({ ...options, cores: availableParallelism(), imagesPerSecond })}\n`);
