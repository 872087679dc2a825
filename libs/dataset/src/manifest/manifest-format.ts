import { extname } from 'node:path';
import type { DatasetSpec } from '#contracts';
import { openStore } from '#stores';
import type { DatasetFormat, DatasetScan, Fault, ScanContext } from '../dataset.js';
import { assembleScan } from '../scan/assemble-scan.js';
import { readSmall } from '../scan/read-text.js';
import { fileUnits } from '../scan/scan-files.js';
import { scanUnits } from '../scan/scan-units.js';
import { findTable } from './find-table.js';
import { listedFiles, type ListedFiles } from './listed-files.js';
import { readRows, TableFault } from './read-rows.js';

type ManifestSpec = Extract<DatasetSpec, { kind: 'manifest' }>;

/** Some ten million rows. */
const MAX_TABLE_BYTES = 2 ** 30;
/** Folders that a kept index asks for changes. */
const MAX_FOLDERS = 10_000;

/** Images that a table lists with their labels. */
export const manifest: DatasetFormat<ManifestSpec> = {
  layout: 'a table of file,label[,split]: the only .csv, .tsv or .jsonl file of the folder, or dataset.manifest',
  recognises: (entries) => entries.some((name) => /\.(csv|tsv|jsonl|ndjson)$/i.test(name)),
  isGuess: true,
  scan: scanManifest,
};

/**
 * Reads the table whole and looks at every file that it names, at both ends. Samples are in the order of the rows, training
 * images first. Cost: some 100 bytes a row while it is read; a file as in image folders.
 */
async function scanManifest(spec: ManifestSpec, given: ScanContext): Promise<DatasetScan> {
  const { name, faults: tableFaults } = await findTable(spec.manifest, given);
  const listed = name === null ? NOTHING : await readTable(spec, name, given);
  for (const path of listed.left)
    given.onOther?.({ extension: extname(path).toLowerCase(), kind: 'for a test by the table', count: 1 });
  const { location } = listed;
  // Addresses may lie elsewhere than the table.
  const source = location === null ? given.source : { ...given.source, location };
  const store = location === null ? given.store : openStore(source);
  const context = { ...given, source, store };
  const faults: Fault[] = [...tableFaults, ...listed.faults];
  const hasSplits = listed.files.some(({ split }) => split !== null);
  if (hasSplits && spec.split !== undefined) {
    faults.push({ path: 'dataset.split', message: 'the table has a column of splits; leave dataset.split out' });
  }
  try {
    const units = (
      [
        ['train', 'train'],
        ['val', 'val'],
        [null, spec.split === undefined ? 'train' : null],
      ] as const
    ).flatMap(([written, split]) =>
      fileUnits(
        listed.files.filter((file) => file.split === written),
        { store, disk: given.disk, split, signal: given.signal },
      ),
    );
    const scans = await scanUnits(units, context);
    return assembleScan(
      {
        kind: spec.kind,
        orientation: spec.orientation,
        units: scans.map((scan, at) => ({ scan, split: units[at]?.split ?? null })),
        divide: spec.split ?? null,
        dependsOn: location === null ? dependenciesOf(spec, name, listed) : null,
        faults,
      },
      context,
    );
  } finally {
    if (location !== null) store.close();
  }
}

const NOTHING: ListedFiles = { files: [], left: [], location: null, faults: [] };

async function readTable(spec: ManifestSpec, name: string, { store, signal }: ScanContext): Promise<ListedFiles> {
  const faulty = (message: string): ListedFiles => ({ ...NOTHING, faults: [{ path: name, message }] });
  const bytes = await readSmall(store, name, signal, MAX_TABLE_BYTES);
  if (bytes === null) return faulty('there is no such file');
  try {
    return listedFiles(name, await readRows(name, bytes), spec.columns ?? {});
  } catch (error) {
    if (error instanceof TableFault) return faulty(error.message);
    throw error;
  }
}

function dependenciesOf(spec: ManifestSpec, name: string | null, { files }: ListedFiles): readonly string[] {
  if (name === null) return ['/'];
  return [...(spec.manifest === undefined ? ['/'] : []), name, ...foldersOf(files)];
}

/** Folders of the location by which new and vanished files are noticed. */
function foldersOf(files: ListedFiles['files']): readonly string[] {
  const folders = new Set(files.map(({ path }) => path.slice(0, path.lastIndexOf('/') + 1) || '/'));
  return folders.size > MAX_FOLDERS ? [] : [...folders];
}
