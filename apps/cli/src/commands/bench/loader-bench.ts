/** Entry of a child process: images per second from JPEG files to augmented batches, nothing trained. Prints one JSON line. */
import { runSpecSchema } from '#contracts';
import { openBatchLoader } from '#data-loading';
import { inspectDataset } from '#dataset';
import { configureThreads } from '#tensorflow-runtime';
import { freeMemory } from '#vectors';
import { z } from 'zod';

export const loaderBenchOptionsSchema = z.strictObject({
  kind: z.enum(['image-folder', 'webdataset']),
  folder: z.string(),
  threads: z.int().min(1),
  size: z.int().min(16),
  batch: z.int().min(1),
  images: z.int().min(1),
});
export type LoaderBenchOptions = z.infer<typeof loaderBenchOptionsSchema>;

/** No decoded image is kept: every one is read and decoded anew, as of a set that does not fit into memory. */
async function measure({ kind, folder, threads, size, batch, images }: LoaderBenchOptions): Promise<number> {
  configureThreads({ engines: threads });
  const spec = runSpecSchema.parse({
    name: 'loader',
    model: { architecture: 'resnet50', numClasses: 10 },
    dataset: { kind, path: folder },
    lanes: 1,
    laneBatchSize: batch,
    epochs: 10_000,
  });
  const { classes, ...counts } = await inspectDataset(spec.dataset);
  const dataset = { ...counts, classes: [...classes] };
  const loader = await openBatchLoader({
    plan: { spec, dataset },
    imageSize: size,
    decoder: 'tensorflow',
    numThreads: threads,
    cacheBytes: 0,
  });
  const stepsPerEpoch = Math.ceil(dataset.numTrainSamples / batch);
  const loaded = async (round: number): Promise<number> => {
    const got = await loader.load(0, round);
    // As an engine does that has used it up.
    if (got) freeMemory(got.images);
    return got?.numSamples ?? 0;
  };
  // The first batch starts the threads.
  await loaded(0);
  const begun = performance.now();
  let seen = 0;
  for (let step = 1; seen < images; step += 1) {
    // A round in which an epoch is evaluated loads nothing for training.
    const round = step + Math.floor(step / stepsPerEpoch);
    seen += await loaded(round);
  }
  const elapsedMs = performance.now() - begun;
  await loader.close();
  return (seen * 1_000) / elapsedMs;
}

const options = loaderBenchOptionsSchema.parse(JSON.parse(process.argv[2] ?? '{}'));
const imagesPerSecond = await measure(options).catch((error: unknown) => {
  // In a line: whoever started this shows it.
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
process.stdout.write(`${JSON.stringify({ ...options, imagesPerSecond })}\n`);
