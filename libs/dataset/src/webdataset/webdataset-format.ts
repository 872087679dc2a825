import type { DatasetSpec } from '#contracts';
import type { DatasetFormat, DatasetScan, ScanContext } from '../dataset.js';
import { indexPath, PACK_FILE, type Pack } from '../pack/pack-files.js';
import { readPack } from '../pack/read-pack.js';
import { scanPack } from '../pack/scan-pack.js';
import { assembleScan } from '../scan/assemble-scan.js';
import { readText } from '../scan/read-text.js';
import { scanUnits } from '../scan/scan-units.js';
import { findShards, type ShardsWanted } from '../shards/find-shards.js';
import { scanShard } from './scan-shard.js';

type WebDatasetSpec = Extract<DatasetSpec, { kind: 'webdataset' }>;

/** What people call the classes 0, 1, …, one a line. */
const NAMES_FILE = 'classnames.txt';

const WANTED: ShardsWanted = { extension: '.tar', noun: 'tar shards', besides: [NAMES_FILE, PACK_FILE] };

/** Tar shards of images beside their labels, as WebDataset has them. */
export const webdataset: DatasetFormat<WebDatasetSpec> = {
  layout: 'train-{000..146}.tar and val-{00..06}.tar, with NAME.jpg beside NAME.cls or NAME.json in them',
  recognises: (entries) =>
    entries.includes(PACK_FILE) || entries.some((name) => /\.tar$/i.test(name) && !name.startsWith('ILSVRC2012_img_')),
  landmarks: [PACK_FILE],
  isGuess: true,
  scan: scanWebDataset,
};

/**
 * Walks through every shard from header to header: what is read of a sample is its headers, its label and the two ends of its
 * image. Cost: a read of 16 KiB a sample, sixteen shards at once.
 */
async function scanWebDataset(spec: WebDatasetSpec, context: ScanContext): Promise<DatasetScan> {
  const { store, signal } = context;
  const pack = await readPack(store, signal);
  if (pack !== null) return await scanPacked(spec, pack, context);
  const { shards, dependsOn, faults } = await findShards(spec, WANTED, context);
  const scans = await scanUnits(
    shards.map(({ object, split }) => ({
      name: object.path,
      split,
      stamp: JSON.stringify([object.sizeBytes, object.version, spec.labelField]),
      scan: (recorder, onSample) =>
        scanShard({
          store,
          shard: object,
          labelField: spec.labelField,
          recorder,
          onSample,
          signal,
        }),
    })),
    context,
  );
  const names = await readText(store, NAMES_FILE, signal);
  return assembleScan(
    {
      kind: spec.kind,
      orientation: spec.orientation,
      units: shards
        .map(({ split }, at) => ({ split, scan: scans[at] }))
        .flatMap(({ split, scan }) => (scan ? [{ split, scan }] : [])),
      names: new Map(names?.split('\n').map((line, label) => [String(label), line.trim() || String(label)])),
      divide: spec.split ?? null,
      dependsOn: [...dependsOn, PACK_FILE, NAMES_FILE],
      faults,
    },
    context,
  );
}

/** What `skiplane data pack` has written: the pack names its shards, classes and indexes, and nothing is walked through. */
async function scanPacked(spec: WebDatasetSpec, pack: Pack, context: ScanContext): Promise<DatasetScan> {
  const isNamed = spec.train !== undefined || spec.validation !== undefined;
  const pathsOf = (shards: Pack['train']): string[] => shards.map(({ path }) => path);
  const wanted = isNamed ? spec : { ...spec, train: pathsOf(pack.train), validation: pathsOf(pack.validation) };
  const found = await findShards(wanted, WANTED, context);
  const { units, faults } = await scanPack(pack, found.shards, context);
  const indexes = found.shards.map(({ object }) => indexPath(object.path));
  return assembleScan(
    {
      kind: spec.kind,
      orientation: spec.orientation,
      units,
      classes: pack.classes,
      names: new Map(pack.classes.map((name, label) => [name, pack.classNames[label] ?? name])),
      divide: spec.split ?? null,
      dependsOn: [...found.dependsOn, PACK_FILE, ...indexes],
      faults: [...found.faults, ...faults],
    },
    context,
  );
}
