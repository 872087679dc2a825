import { rm } from 'node:fs/promises';
import { datasetNameSchema } from '#contracts';
import { syncFolder } from '#files';
import { DATASET_RECORD_VERSIONS, datasetRecordSchema, type DatasetRecord } from './dataset-record.schema.js';
import { RecordFolder } from './record-folder.js';

/** `named-datasets/NAME.json` of a data folder. */
export class DatasetFiles {
  readonly #records: RecordFolder<DatasetRecord>;

  constructor(dataDirectory: string) {
    this.#records = new RecordFolder({
      dataDirectory,
      folder: 'named-datasets',
      what: 'data set',
      schema: datasetRecordSchema,
      versions: DATASET_RECORD_VERSIONS,
      keyOf: ({ name }) => name,
    });
  }

  /** Names of data sets; other files are left alone. */
  async list(): Promise<string[]> {
    return (await this.#records.list()).filter((name) => datasetNameSchema.safeParse(name).success);
  }

  /** Throws UnreadableRecordError. */
  read(name: string): Promise<DatasetRecord> {
    return this.#records.read(name);
  }

  save(record: DatasetRecord): Promise<void> {
    return this.#records.save(record);
  }

  async remove(name: string): Promise<void> {
    await rm(this.#records.pathOf(name), { force: true });
    await syncFolder(this.#records.path);
  }
}
