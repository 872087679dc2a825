import { posix } from 'node:path';
import type { Fault, Split } from '../dataset.js';
import type { LabelledFile } from '../scan/scan-files.js';
import type { RowReader } from './read-rows.js';

export interface ListedFile extends LabelledFile {
  readonly split: Split | null;
}

export interface ListedFiles {
  readonly files: readonly ListedFile[];
  /** Rows for a test. */
  readonly left: readonly string[];
  /** What the paths are relative to, where the table names addresses; null: the data set's location. */
  readonly location: string | null;
  readonly faults: readonly Fault[];
}

export interface TableColumns {
  readonly file?: string | undefined;
  readonly label?: string | undefined;
  readonly split?: string | undefined;
}

/** Words for the splits; rows for a test are left out, as the test folders of other forms are. */
const SPLITS: Readonly<Record<string, Split | 'test'>> = {
  train: 'train',
  training: 'train',
  val: 'val',
  valid: 'val',
  validation: 'val',
  test: 'test',
};

/** Faults of lines that are named; a wrong file has a million of them. */
const MAX_NAMED = 20;

/** Takes files, labels and splits out of the rows of a table, which lies at `table` relative to the location. */
export function listedFiles(table: string, reader: RowReader, columns: TableColumns): ListedFiles {
  const faults: Fault[] = [];
  const at = (name: string | undefined, defaults: readonly string[]): number =>
    reader.columns.findIndex((column) => (name === undefined ? defaults.includes(column) : column === name));
  const places = {
    file: at(columns.file, ['file', 'file_name']),
    label: at(columns.label, ['label']),
    split: at(columns.split, ['split']),
  };
  for (const name of ['file', 'label', 'split'] as const) {
    if (places[name] >= 0 || (name === 'split' && columns.split === undefined)) continue;
    const wanted = columns[name] ?? (name === 'file' ? 'file or file_name' : name);
    const message = `has no column ${wanted}; its first line names ${reader.columns.join(', ')}: dataset.columns.${name} says which it is`;
    faults.push({ path: table, message });
  }
  if (faults.length > 0) return { files: [], left: [], location: null, faults };

  const lines: { readonly line: number; readonly message: string }[] = [...reader.faults];
  const found: ListedFile[] = [];
  const left: string[] = [];
  const seen = new Map<string, number>();
  for (const { line, fields } of reader.rows) {
    const [file = '', label = ''] = [fields[places.file], fields[places.label]];
    const written = places.split < 0 ? undefined : (fields[places.split] ?? '');
    const split = written === undefined ? null : SPLITS[written.toLowerCase()];
    if (split === 'test') {
      left.push(file);
      continue;
    }
    const path = isAddress(file) ? file : posix.normalize(posix.join(posix.dirname(table), file));
    const message = rowFault({ file, label, path, written, split, before: seen.get(path) });
    if (message === null) found.push({ path, label, split: split ?? null });
    else lines.push({ line, message });
    seen.set(path, line);
  }
  lines.sort((a, b) => a.line - b.line);
  for (const { line, message } of lines.slice(0, MAX_NAMED)) faults.push({ path: `${table}, line ${line}`, message });
  if (lines.length > MAX_NAMED) {
    faults.push({
      path: table,
      message: `${lines.length} lines are wrong in all, of which the first ${MAX_NAMED} are named`,
    });
  }
  return { ...located(table, found, faults), left };
}

interface CheckedRow {
  readonly file: string;
  readonly label: string;
  readonly path: string;
  readonly written: string | undefined;
  readonly split: Split | null | undefined;
  /** The line that named the same file. */
  readonly before: number | undefined;
}

function rowFault({ file, label, path, written, split, before }: CheckedRow): string | null {
  if (file === '') return 'names no file';
  if (label === '') return 'has no label';
  if (split === undefined) return `is of the split '${written ?? ''}'; expected train, val or test`;
  if (before !== undefined) return `names ${file} again, after line ${before}`;
  if (isAddress(file)) return file.includes('?') ? `${file} has a query; addresses are fetched without one` : null;
  if (file.startsWith('/') || /^[A-Za-z]:[\\/]/.test(file))
    return `${file} is absolute; paths are relative to the table`;
  if (path.startsWith('../'))
    return `${file} lies outside of the data set; let dataset.path be a folder that holds both`;
  return null;
}

function isAddress(file: string): boolean {
  return /^(https?|s3):\/\//i.test(file);
}

/** Makes addresses relative to the longest folder that they have in common. */
function located(table: string, files: readonly ListedFile[], faults: readonly Fault[]): Omit<ListedFiles, 'left'> {
  const addresses = files.filter(({ path }) => isAddress(path));
  if (addresses.length === 0) return { files, location: null, faults };
  if (addresses.length < files.length) {
    return {
      files: [],
      location: null,
      faults: [...faults, { path: table, message: 'names paths and addresses; one of the two is expected' }],
    };
  }
  const common = addresses.map(({ path }) => path).reduce(commonFolder);
  const location = common.slice(0, common.lastIndexOf('/') + 1);
  if (!/^[a-z0-9]+:\/\/[^/]+\//i.test(location)) {
    return {
      files: [],
      location: null,
      faults: [...faults, { path: table, message: 'names addresses of several hosts; one is expected' }],
    };
  }
  const isHttp = /^https?:/i.test(location);
  const pathOf = (address: string): string => {
    const rest = address.slice(location.length);
    return isHttp && rest.includes('%') ? rest.split('/').map(decodedSegment).join('/') : rest;
  };
  return { files: addresses.map((file) => ({ ...file, path: pathOf(file.path) })), location, faults };
}

function commonFolder(a: string, b: string): string {
  let end = 0;
  while (end < a.length && a[end] === b[end]) end += 1;
  return a.slice(0, a.lastIndexOf('/', end - 1) + 1);
}

function decodedSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
