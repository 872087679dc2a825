import { createHash } from 'node:crypto';
import { RefusedInputError, type DatasetSpec } from '#contracts';
import type { Store, StoredObject } from '#stores';
import type { DatasetFormat, DatasetScan, Fault, ScanContext } from '../dataset.js';
import { parseNameList } from '../labels/class-names.js';
import { assembleScan } from '../scan/assemble-scan.js';
import { countBeside } from '../scan/count-beside.js';
import { readText } from '../scan/read-text.js';
import { scanUnits, type Unit } from '../scan/scan-units.js';
import { kaggleUnits } from './kaggle-units.js';
import { scanImageTar } from './scan-image-tar.js';
import { trainUnits } from './train-units.js';
import { findValidationLabels, type ValidationLabels } from './validation-labels.js';

type ImageNetSpec = Extract<DatasetSpec, { kind: 'imagenet' }>;

const TRAIN_TAR = 'ILSVRC2012_img_train.tar';
const VAL_TAR = 'ILSVRC2012_img_val.tar';
/** Where Kaggle's archive has the images, from its top, or from where somebody took them. */
const KAGGLE_FOLDERS = ['ILSVRC/Data/CLS-LOC', 'Data/CLS-LOC', 'CLS-LOC'] as const;
const NAME_FILES = ['synset_words.txt', 'LOC_synset_mapping.txt'] as const;

/** What image-net.org and Kaggle put side by side. */
const PARTS = /^(?:ILSVRC2012_.*|LOC_.*|synset_words\.txt|imagenet-object-localization.*\.zip)$/;

/** ILSVRC2012 as image-net.org and Kaggle publish it. */
export const imagenet: DatasetFormat<ImageNetSpec> = {
  layout: `${TRAIN_TAR}, ${VAL_TAR} and ILSVRC2012_devkit_t12.tar.gz, unopened; or Kaggle's ILSVRC/ beside LOC_val_solution.csv`,
  recognises: (entries) =>
    entries.some((name) => [TRAIN_TAR, VAL_TAR, 'ILSVRC', 'LOC_val_solution.csv'].includes(name)),
  landmarks: [TRAIN_TAR],
  scan: scanImageNet,
};

interface FoundUnits {
  readonly units: readonly Unit[];
  readonly dependsOn: readonly string[];
  readonly faults: readonly Fault[];
}

/**
 * The tars stay as they are: an image is a slice of the tar of its synset, which is a slice of the published tar. Classes are the
 * sorted synsets. Cost: a read of 16 KiB an image, 1.33 million of them.
 */
async function scanImageNet(spec: ImageNetSpec, context: ScanContext): Promise<DatasetScan> {
  const { store, signal } = context;
  const { labels, ...foundLabels } = await findValidationLabels(store, signal);
  const tars = await Promise.all([TRAIN_TAR, VAL_TAR].map((path) => store.stat(path, { ...(signal && { signal }) })));
  const [train, val] = tars;
  await countBeside(context, (name) => PARTS.test(name));
  const found = train || val ? await tarUnits(context, { train, val, labels }) : await folderUnits(context, labels);
  const scans = await scanUnits(found.units, context);
  const lists = await Promise.all(NAME_FILES.map((file) => readText(store, file, signal)));
  const list = lists.find((text) => text !== null);
  return assembleScan(
    {
      kind: spec.kind,
      orientation: spec.orientation,
      units: scans.map((scan, at) => ({ scan, split: found.units[at]?.split ?? null })),
      names: list === undefined || list === null ? labels?.names : parseNameList(list),
      divide: null,
      dependsOn: ['/', TRAIN_TAR, VAL_TAR, ...foundLabels.dependsOn, ...NAME_FILES, ...found.dependsOn],
      faults: [...foundLabels.faults, ...found.faults],
    },
    context,
  );
}

interface FoundTars {
  readonly train: StoredObject | null | undefined;
  readonly val: StoredObject | null | undefined;
  readonly labels: ValidationLabels | null;
}

async function tarUnits({ store, signal }: ScanContext, { train, val, labels }: FoundTars): Promise<FoundUnits> {
  const missing = (path: string): Fault => ({ path, message: 'there is no such file beside the other tar' });
  const { units, faults } = train
    ? await trainUnits(store, train, signal)
    : { units: [], faults: [missing(TRAIN_TAR)] };
  if (!val) return { units, dependsOn: [], faults: [...faults, missing(VAL_TAR)] };
  if (labels === null) return { units, dependsOn: [], faults };
  const place = {
    store,
    tar: val,
    offset: 0,
    sizeBytes: val.sizeBytes,
    name: VAL_TAR,
    labelOf: labels.labelOf,
    signal,
  };
  const validation: Unit = {
    name: VAL_TAR,
    split: 'val',
    // The labels are not in the tar.
    stamp: JSON.stringify([val.sizeBytes, val.version, labelStamp(labels)]),
    scan: (recorder, onSample) => scanImageTar({ ...place, recorder, onSample }),
  };
  return { units: [...units, validation], dependsOn: [], faults };
}

async function folderUnits(context: ScanContext, labels: ValidationLabels | null): Promise<FoundUnits> {
  const { store, signal } = context;
  const root = await kaggleRoot(store, signal);
  if (typeof root !== 'string') return { units: [], dependsOn: [], faults: [root] };
  const train = await kaggleUnits(context, `${root}/train`, { split: 'train', labels: null });
  const val = await kaggleUnits(context, `${root}/val`, { split: 'val', labels });
  return { units: [...train.units, ...val.units], dependsOn: [...train.dependsOn, ...val.dependsOn], faults: [] };
}

async function kaggleRoot(store: Store, signal: AbortSignal | undefined): Promise<string | Fault> {
  const expected = `expected ${TRAIN_TAR} and ${VAL_TAR}, or Kaggle's folder ILSVRC`;
  try {
    for (const folder of KAGGLE_FOLDERS) {
      for await (const entry of store.list(folder, { ...(signal && { signal }) })) {
        if (entry.path === `${folder}/train`) return folder;
      }
    }
    const names: string[] = [];
    for await (const { path } of store.list('', { ...(signal && { signal }) })) names.push(path);
    return { path: '', message: `${expected}; ${hintOf(names)}` };
  } catch (error) {
    if (!(error instanceof RefusedInputError)) throw error;
    return { path: '', message: `${expected}; ${error.message}` };
  }
}

/** Layouts that are almost right. */
function hintOf(names: readonly string[]): string {
  const zip = names.find((name) => /^imagenet-object-localization.*\.zip$/.test(name));
  if (zip !== undefined) return `there is ${zip}: unpack it`;
  if (names.includes('train') && names.includes('val')) {
    return 'there are train/ and val/: if val/ has a folder for each class, this is of kind image-folder; if not, give as path the folder with ILSVRC/ and LOC_val_solution.csv, three folders up in Kaggle’s archive';
  }
  if (names.some((name) => /^n\d{8}\.tar$/.test(name))) {
    return `there are the tars of the synsets: ${TRAIN_TAR} is read unopened; unpack them into train/SYNSET/ for kind image-folder`;
  }
  return 'there is neither';
}

function labelStamp({ labelOf }: ValidationLabels): string {
  const hash = createHash('sha256');
  for (let image = 1; image <= 50_000; image += 1) {
    hash.update(`${labelOf(`ILSVRC2012_val_${String(image).padStart(8, '0')}.JPEG`) ?? ''}\n`);
  }
  return hash.digest('hex');
}
