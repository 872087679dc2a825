import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { datasetNameSchema } from '#contracts';
import { isMissing, syncFolder, writeFileAtomically } from '#files';
import { DATASET_RECORD_VERSIONS, datasetRecordSchema, type DatasetRecord } from './dataset-record.schema.js';
import { readRecordFile, UnreadableRecordError } from './read-record.js';

const SUFFIX = '.json';

/** `named-datasets/NAME.json` of a data folder. */
export class DatasetFiles {
  readonly #dataDirectory: string;
  readonly #directory: string;

  constructor(dataDirectory: string) {
    this.#dataDirectory = dataDirectory;
    this.#directory = join(dataDirectory, 'named-datasets');
  }

  /** Names of data sets; other files are left alone. */
  async list(): Promise<string[]> {
    const files = await readdir(this.#directory).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    return files
      .filter((file) => file.endsWith(SUFFIX))
      .map((file) => file.slice(0, -SUFFIX.length))
      .filter((name) => datasetNameSchema.safeParse(name).success);
  }

  /** Throws UnreadableRecordError. */
  async read(name: string): Promise<DatasetRecord> {
    const record = await readRecordFile(this.#pathOf(name), datasetRecordSchema, DATASET_RECORD_VERSIONS);
    if (record.name === name) return record;
    throw new UnreadableRecordError(`${name}${SUFFIX} is the record of data set ${record.name}`);
  }

  async save(record: DatasetRecord): Promise<void> {
    if ((await mkdir(this.#directory, { recursive: true })) !== undefined) await syncFolder(this.#dataDirectory);
    await writeFileAtomically(this.#pathOf(record.name), `${JSON.stringify(record, null, 1)}\n`);
  }

  async remove(name: string): Promise<void> {
    await rm(this.#pathOf(name), { force: true });
    await syncFolder(this.#directory);
  }

  #pathOf(name: string): string {
    return join(this.#directory, `${name}${SUFFIX}`);
  }
}
