import {
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type AsyncBuffer,
  type FileMetaData,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { z } from 'zod';
import type { ByteSource } from '../byte-source.js';

/** A parquet file that cannot be read as images: says why. */
export class ParquetFault extends Error {
  override readonly name = 'ParquetFault';
}

/** A row of a file of images. */
export interface ImageRow {
  /** Null where the row has none, or only a path to one. */
  readonly bytes: Uint8Array | null;
  readonly label: unknown;
}

export interface RowGroup {
  readonly firstRow: number;
  readonly numRows: number;
  /** Of the image's column, unpacked. */
  readonly sizeBytes: number;
}

/** Row groups are unpacked in memory, whole. */
const MAX_GROUP_BYTES = 2 ** 30;

/** What `datasets` writes beside the schema: https://huggingface.co/docs/datasets. Other columns may say other things. */
const featureSchema = z
  .object({ _type: z.string(), names: z.array(z.string()).optional().catch(undefined) })
  .transform(({ _type: type, names }) => ({ type, names }))
  .catch({ type: '', names: undefined });
const featuresSchema = z.object({ info: z.object({ features: z.record(z.string(), featureSchema) }) });

type Features = z.infer<typeof featuresSchema>['info']['features'];

/** A source as the library reads one; what the source itself rejects with is kept. */
class Pages implements AsyncBuffer {
  readonly byteLength: number;
  readonly #source: ByteSource;
  #failure: unknown;

  constructor(source: ByteSource) {
    this.#source = source;
    this.byteLength = source.sizeBytes;
  }

  async slice(from: number, to = this.byteLength): Promise<ArrayBuffer> {
    try {
      const { buffer, byteOffset, byteLength } = await this.#source.read(from, to - from);
      return Uint8Array.prototype.slice.call(new Uint8Array(buffer, byteOffset, byteLength)).buffer;
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  /** What the library makes of the source: whatever else goes wrong in it is the file's fault. */
  async decode<Result>(fault: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (this.#failure !== undefined) throw this.#failure;
      throw new ParquetFault(fault, { cause: error });
    }
  }
}

/** A parquet file with a column of encoded images. */
export class ParquetFile {
  readonly groups: readonly RowGroup[];
  readonly #pages: Pages;
  readonly #metadata: FileMetaData;
  readonly #image: string;
  readonly #features: Features;

  private constructor(pages: Pages, metadata: FileMetaData) {
    this.#pages = pages;
    this.#metadata = metadata;
    this.#features = featuresOf(metadata);
    this.#image = imageColumn(metadata, this.#features);
    let firstRow = 0;
    this.groups = metadata.row_groups.map(({ num_rows: numRows, columns }) => {
      const group = { firstRow, numRows: Number(numRows), sizeBytes: bytesOf(columns, this.#image) };
      firstRow += group.numRows;
      return group;
    });
    const large = this.groups.find(({ sizeBytes }) => sizeBytes > MAX_GROUP_BYTES);
    if (large === undefined) return;
    throw new ParquetFault(`has row groups of ${large.sizeBytes} bytes; write it again with groups of some 100 rows`);
  }

  /** Reads the end of a file, which says what lies where. Throws ParquetFault; rejects where the source does. */
  static async open(source: ByteSource): Promise<ParquetFile> {
    const pages = new Pages(source);
    const start = source.sizeBytes < 12 ? '' : Buffer.from(await source.read(0, 4)).toString('latin1');
    if (start !== 'PAR1') throw new ParquetFault('is no parquet file');
    const fault = 'its end cannot be read: it is cut short or damaged';
    return new ParquetFile(pages, await pages.decode(fault, () => parquetMetadataAsync(pages)));
  }

  /** What the numbers of a column mean, where the file says it. Throws ParquetFault where there is no such column. */
  classesOf(column: string): readonly string[] | undefined {
    const names = parquetSchema(this.#metadata).children.map(({ element }) => element.name);
    if (names.includes(column)) return this.#features[column]?.names;
    throw new ParquetFault(`has no column ${column}; it has ${names.join(', ')}: dataset.labelField names another`);
  }

  /** The rows of a group in their order, with a label where its column is given. Throws ParquetFault; rejects where the source does. */
  async read(group: number, label?: string): Promise<readonly ImageRow[]> {
    const { firstRow, numRows } = this.groups[group] ?? { firstRow: 0, numRows: 0 };
    const rows: readonly Readonly<Record<string, unknown>>[] = await this.#pages.decode(
      `row group ${group} cannot be read: it is damaged`,
      () =>
        parquetReadObjects({
          file: this.#pages,
          metadata: this.#metadata,
          columns: label === undefined ? [this.#image] : [this.#image, label],
          rowStart: firstRow,
          rowEnd: firstRow + numRows,
          utf8: false,
          compressors,
        }),
    );
    return rows.map((row) => ({
      bytes: imageBytes(row[this.#image]),
      label: label === undefined ? undefined : row[label],
    }));
  }
}

function featuresOf({ key_value_metadata: pairs }: FileMetaData): Features {
  const text = pairs?.find(({ key }) => key === 'huggingface')?.value;
  try {
    return featuresSchema.parse(JSON.parse(text ?? '')).info.features;
  } catch {
    // Another writer's file, or notes of another kind: the columns say it themselves.
    return {};
  }
}

/** The image's column: what `datasets` calls one, else the only one with bytes in it, else bare bytes. Throws ParquetFault. */
function imageColumn(metadata: FileMetaData, features: Features): string {
  const columns = parquetSchema(metadata).children;
  const isBytes = (type: string | undefined, converted: string | undefined): boolean =>
    type === 'BYTE_ARRAY' && converted === undefined;
  const groups = [
    columns.filter(({ element }) => features[element.name]?.type === 'Image'),
    columns.filter(({ children }) => children.some(({ element }) => element.name === 'bytes')),
    columns.filter(({ element, children }) => children.length === 0 && isBytes(element.type, element.converted_type)),
  ];
  const found = groups.find(({ length }) => length > 0) ?? [];
  const names = found.map(({ element }) => element.name);
  const [name, second] = names;
  if (name === undefined) {
    const all = columns.map(({ element }) => element.name).join(', ');
    throw new ParquetFault(`has no column of image files; it has ${all}`);
  }
  if (second !== undefined) throw new ParquetFault(`has several columns of images: ${names.join(', ')}`);
  return name;
}

function bytesOf(columns: FileMetaData['row_groups'][number]['columns'], image: string): number {
  return columns.reduce((sum, { meta_data: column }) => {
    const isImage = column?.path_in_schema[0] === image;
    return sum + (isImage ? Number(column.total_uncompressed_size) : 0);
  }, 0);
}

/** A cell: bare bytes, or a struct with `bytes` in it. */
function imageBytes(cell: unknown): Uint8Array | null {
  if (cell instanceof Uint8Array) return cell;
  const bytes: unknown = typeof cell === 'object' && cell !== null ? Reflect.get(cell, 'bytes') : null;
  return bytes instanceof Uint8Array ? bytes : null;
}
