import type { SampleIndex } from '../sample-index.js';
import type { StringColumn } from '../string-column.js';

/** The columns of an index, in the order in which they lie in a file. */
export const COLUMN_NAMES = [
  'lengths',
  'labels',
  'flags',
  'widths',
  'heights',
  'files',
  'offsets',
  'pathBytes',
  'pathEnds',
  'fileSizes',
  'versionBytes',
  'versionEnds',
  'parts',
  'partBytes',
] as const;
export type ColumnName = (typeof COLUMN_NAMES)[number];

/** Where a column lies: its first byte, a multiple of eight, and its bytes. */
export type ColumnPlace = readonly [offset: number, sizeBytes: number];

/** The columns that an index has. */
export function columnsOf(index: SampleIndex): readonly (readonly [ColumnName, Uint8Array])[] {
  const { paths, versions, lengths, labels, flags, widths, heights, files, offsets, fileSizes, parts, partBytes } =
    index;
  const columns: { readonly [Name in ColumnName]: ArrayBufferView | null } = {
    lengths,
    labels,
    flags,
    widths,
    heights,
    files,
    offsets,
    pathBytes: paths.bytes,
    pathEnds: paths.ends,
    fileSizes,
    versionBytes: versions?.bytes ?? null,
    versionEnds: versions?.ends ?? null,
    parts,
    partBytes,
  };
  return COLUMN_NAMES.flatMap((name) => {
    const column = columns[name];
    if (column === null) return [];
    return [[name, new Uint8Array(column.buffer, column.byteOffset, column.byteLength)] as const];
  });
}

/** The index whose columns lie in a buffer; no copy. Throws RangeError where one is missing or does not lie in it. */
export function indexOfColumns(
  buffer: SharedArrayBuffer,
  numSamples: number,
  placeOf: (name: ColumnName) => ColumnPlace | undefined,
): SampleIndex {
  const optional = <Column>(name: ColumnName, view: View<Column>): Column | null => {
    const place = placeOf(name);
    return place === undefined ? null : view(buffer, place);
  };
  const required = <Column>(name: ColumnName, view: View<Column>): Column => {
    const column = optional(name, view);
    if (column === null) throw new RangeError(`an index without the column ${name}`);
    return column;
  };
  const versionEnds = optional('versionEnds', uint32);
  const versions: StringColumn | null = versionEnds && { bytes: required('versionBytes', uint8), ends: versionEnds };
  return {
    numSamples,
    lengths: required('lengths', uint32),
    labels: required('labels', uint32),
    flags: required('flags', uint8),
    widths: required('widths', uint16),
    heights: required('heights', uint16),
    files: optional('files', uint32),
    offsets: optional('offsets', float64),
    paths: { bytes: required('pathBytes', uint8), ends: required('pathEnds', uint32) },
    fileSizes: optional('fileSizes', float64),
    versions,
    parts: optional('parts', (memory, [at, size]) => new Int32Array(memory, at, size / 4)),
    partBytes: optional('partBytes', float64),
  };
}

type View<Column> = (buffer: SharedArrayBuffer, place: ColumnPlace) => Column;
const uint8: View<Uint8Array> = (buffer, [at, size]) => new Uint8Array(buffer, at, size);
const uint16: View<Uint16Array> = (buffer, [at, size]) => new Uint16Array(buffer, at, size / 2);
const float64: View<Float64Array> = (buffer, [at, size]) => new Float64Array(buffer, at, size / 8);
const uint32: View<Uint32Array> = (buffer, [at, size]) => new Uint32Array(buffer, at, size / 4);
