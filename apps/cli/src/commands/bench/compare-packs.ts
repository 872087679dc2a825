import { join } from 'node:path';
import { datasetSchema } from '#contracts';
import { makeDecoder, sampleEncoder } from '#data-loading';
import { makeShapesDataset, openDataset, packDataset, type Shrink } from '#dataset';
import type { BenchContext, BenchGroup } from './bench-group.js';
import type { Row, Way } from './compare-in-turn.js';
import { ourImagesPerSecond } from './compare-loaders.js';
import type { LoaderBenchOptions } from './loader-bench.js';

/** Photos of a camera are larger than any network sees them. */
const DRAWN_SIZE = 800;
const NUM_DRAWN = 500;
const SHRINK: Shrink = { shorterSide: 400, quality: 90 };

/** By the folder that they lie in. */
const PACKS: readonly { readonly folder: string; readonly title: string; readonly shrink: Shrink | null }[] = [
  { folder: 'as-they-are', title: 'packed as they are', shrink: null },
  { folder: 'smaller', title: `packed with a shorter side of ${SHRINK.shorterSide} pixels`, shrink: SHRINK },
];

/** What `skiplane data pack` makes, loaded by one thread, against the folder of image files that it was made of. */
export const packs: BenchGroup = {
  name: 'packed',
  about: `JPEG files of ${DRAWN_SIZE} pixels, packed by \`skiplane data pack\` and in their folder, to batches of 224 as above.`,
  rows: (context) => PACKS.map((pack) => packRow(pack, context)),
  prepare: async ({ folder, signal }) => {
    const source = join(folder, 'photos');
    await makeShapesDataset(source, { numTrain: NUM_DRAWN, numVal: 10, imageSize: DRAWN_SIZE, seed: 1, signal });
    const dataset = await openDataset(datasetSchema.parse({ kind: 'image-folder', path: source }), { signal });
    const decoder = await makeDecoder('portable');
    for (const { folder: name, shrink } of PACKS) {
      await packDataset(dataset, join(folder, name), {
        kind: 'image-folder',
        seed: 0,
        shardBytes: 2 ** 28,
        shrink,
        encode: sampleEncoder({ decoder, orientation: 'upright', shrink }),
        signal,
      });
    }
    await Promise.all([dataset.train.close(), dataset.validation.close()]);
  },
};

function packRow({ folder, title }: (typeof PACKS)[number], context: Pick<BenchContext, 'folder' | 'signal'>): Row {
  const way = (name: string, kind: LoaderBenchOptions['kind'], path: string): Way => {
    const work = { kind, folder: join(context.folder, path), threads: 1, size: 224, batch: 32, images: 1_000 };
    return { name, measure: () => ourImagesPerSecond(work, context) };
  };
  return {
    id: `packed/${folder}`,
    title: `${title}, to batches of 224 pixels, 1 data thread`,
    unit: 'images/s',
    own: way('skiplane', 'webdataset', folder),
    peers: [way('the folder of files', 'image-folder', 'photos')],
  };
}
