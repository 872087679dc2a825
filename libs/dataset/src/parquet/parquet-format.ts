import type { DatasetSpec } from '#contracts';
import type { StoredObject } from '#stores';
import type { DatasetFormat, DatasetScan, Fault, ScanContext, Split } from '../dataset.js';
import { mapBounded } from '../map-bounded.js';
import { assembleScan } from '../scan/assemble-scan.js';
import { scanUnits, type Unit } from '../scan/scan-units.js';
import { withStoredBytes } from '../scan/stored-bytes.js';
import { findShards } from '../shards/find-shards.js';
import { ParquetFault, ParquetFile } from './parquet-file.js';
import { scanGroup } from './scan-group.js';

type ParquetSpec = Extract<DatasetSpec, { kind: 'parquet' }>;

/** Row groups that are unpacked at once have so many bytes together, or are one. */
const MEMORY_BYTES = 2 ** 28;

/** Images in parquet files, as the Hugging Face Hub has them. */
export const parquet: DatasetFormat<ParquetSpec> = {
  layout: 'train-00000-of-00005.parquet and validation-….parquet, or in data/, with the images’ bytes in a column',
  recognises: (entries) => entries.some((name) => /\.parquet$/i.test(name)),
  isGuess: true,
  scan: scanParquet,
};

interface LookedAt {
  readonly object: StoredObject;
  readonly split: Split | null;
  readonly classes: readonly string[] | undefined;
  /** Bytes of each row group. */
  readonly groups: readonly number[];
}

/**
 * Pages of parquet are packed, so samples are slices of row groups as they are unpacked (`unpackGroup`), which readers do into
 * the cache of this host. Cost: all row groups are read and unpacked once.
 */
async function scanParquet(spec: ParquetSpec, context: ScanContext): Promise<DatasetScan> {
  const { store, signal, concurrency = 16 } = context;
  const { labelField } = spec;
  const { shards, dependsOn, ...found } = await findShards(
    spec,
    { extension: '.parquet', noun: 'parquet files', besides: [] },
    context,
  );
  const faults: Fault[] = [...found.faults];
  const looks = await mapBounded(shards, concurrency, async ({ object, split }): Promise<LookedAt | null> => {
    const { path, version } = object;
    try {
      const file = await withStoredBytes({ store, path, expectedVersion: version, signal }, (source) =>
        ParquetFile.open(source),
      );
      return {
        object,
        split,
        classes: file.classesOf(labelField),
        groups: file.groups.map(({ sizeBytes }) => sizeBytes),
      };
    } catch (error) {
      if (!(error instanceof ParquetFault)) throw error;
      faults.push({ path, message: error.message });
      return null;
    }
  });
  const files = looks.filter((look) => look !== null);
  const classes = files[0]?.classes;
  for (const { object, classes: others } of files) {
    if (JSON.stringify(others) === JSON.stringify(classes)) continue;
    const message = `says other classes for ${labelField} than ${files[0]?.object.path ?? ''}`;
    faults.push({ path: object.path, message });
  }
  const units = files.flatMap(({ object, split, groups }) =>
    groups.map((_, part): Unit => {
      const group = { store, shard: object, part, labelField, classes, signal };
      return {
        name: `${object.path}, row group ${part}`,
        split,
        stamp: JSON.stringify([object.sizeBytes, object.version, labelField]),
        // Earlier notes do not say how large parts are.
        isCurrent: (scan) => Promise.resolve(scan.files.every(({ partBytes }) => partBytes !== undefined)),
        scan: (recorder, onSample) => scanGroup({ ...group, recorder, onSample }),
      };
    }),
  );
  const largest = Math.max(1, ...files.flatMap(({ groups }) => groups));
  const atOnce = Math.max(1, Math.min(concurrency, Math.floor(MEMORY_BYTES / largest)));
  const scans = await scanUnits(units, { ...context, concurrency: atOnce });
  return assembleScan(
    {
      kind: spec.kind,
      orientation: spec.orientation,
      units: scans.map((scan, at) => ({ scan, split: units[at]?.split ?? null })),
      classes,
      divide: spec.split ?? null,
      dependsOn,
      faults,
    },
    context,
  );
}
