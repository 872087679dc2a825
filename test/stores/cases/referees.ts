import { join } from 'node:path';
import { makeShapesDataset } from '#dataset';
import type { Operation } from '../../operations/operation.js';
import { runSkiplane } from '../../operations/run-skiplane.js';
import type { Scenario } from '../../operations/scenario.js';
import { python, runScript } from '../parts/python.js';
import { areEqual, ourSamples, toldSamples } from '../samples.js';

const CODECS = ['none', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4'];

async function shapes(operation: Operation): Promise<string> {
  const folder = join(operation.folder, 'shapes');
  await makeShapesDataset(folder, { numTrain: 240, numVal: 80, imageSize: 20, seed: 3 });
  return folder;
}

/** What other people's software writes we read as it is, and what we write they read. */
export const referees: readonly Scenario[] = [
  {
    name: 'webdataset-writes',
    about: 'shards by Python’s webdataset, labels in .cls and in .json: the same samples, labels and bytes',
    packages: [],
    parts: [python],
    async run(operation) {
      const out = join(operation.folder, 'shards');
      const theirs = toldSamples(await runScript('write_webdataset.py', await shapes(operation), out));
      const byNumber = await ourSamples(operation, { kind: 'webdataset', path: join(out, 'cls') });
      areEqual('cls', { ours: byNumber, theirs }, ['split', 'label', 'sha256']);
      const byName = await ourSamples(operation, { kind: 'webdataset', path: join(out, 'json'), labelField: 'name' });
      areEqual('json', { ours: byName, theirs });
    },
  },
  {
    name: 'parquet-writes',
    about: `parquet by Hugging Face’s datasets, and by pyarrow (${CODECS.join(', ')}): the same samples, labels and bytes`,
    packages: [],
    parts: [python],
    async run(operation) {
      const out = join(operation.folder, 'parquet');
      const theirs = toldSamples(await runScript('write_parquet.py', await shapes(operation), out));
      areEqual('datasets', {
        ours: await ourSamples(operation, { kind: 'parquet', path: join(out, 'datasets') }),
        theirs,
      });
      for (const codec of CODECS) {
        const ours = await ourSamples(operation, { kind: 'parquet', path: join(out, codec) });
        areEqual(codec, { ours, theirs }, ['split', 'label', 'sha256']);
      }
    },
  },
  {
    name: 'webdataset-reads',
    about: 'shards by skiplane data pack: Python’s webdataset reads the samples, labels and bytes that we read of them',
    packages: [],
    parts: [python],
    async run(operation) {
      const [source, out] = [await shapes(operation), join(operation.folder, 'pack')];
      const packed = await runSkiplane(['data', 'pack', source, out, '--verify', '--json']);
      if (packed.code !== 0) throw new Error(packed.text);
      const theirs = toldSamples(await runScript('read_webdataset.py', out));
      areEqual('pack', { ours: await ourSamples(operation, { kind: 'webdataset', path: out }), theirs });
      const unpacked = await ourSamples(operation, { kind: 'image-folder', path: source });
      const sorted = (samples: typeof theirs): typeof theirs =>
        samples.toSorted((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
      areEqual('source', { ours: sorted(unpacked), theirs: sorted(theirs) });
    },
  },
];
