import { rename, rm } from 'node:fs/promises';
import { syncFolder } from '#files';
import { RecordFolder } from './record-folder.js';
import { STUDY_RECORD_VERSIONS, studyRecordSchema, type StudyRecord } from './study-record.schema.js';

/** Of a study that was deleted, as long as runs of it are left. */
const BURIED = '.removed';

/** `studies/ID.json` of a data folder. */
export class StudyFiles {
  readonly #records: RecordFolder<StudyRecord>;
  #saving: Promise<void> = Promise.resolve();

  constructor(dataDirectory: string) {
    this.#records = new RecordFolder({
      dataDirectory,
      folder: 'studies',
      what: 'study',
      schema: studyRecordSchema,
      versions: STUDY_RECORD_VERSIONS,
      keyOf: ({ id }) => id,
    });
  }

  list(): Promise<string[]> {
    return this.#records.list();
  }

  /** Ids of studies that were deleted and of which something is left. */
  listBuried(): Promise<string[]> {
    return this.#records.list(BURIED);
  }

  /** From now on there is no such study. */
  async bury(id: string): Promise<void> {
    await this.#saving;
    await rename(this.#records.pathOf(id), this.#records.pathOf(id, BURIED));
    await syncFolder(this.#records.path);
  }

  async removeBuried(id: string): Promise<void> {
    await rm(this.#records.pathOf(id, BURIED), { force: true });
  }

  /** Throws UnreadableRecordError. */
  read(id: string): Promise<StudyRecord> {
    return this.#records.read(id);
  }

  /** Replaces the file; saves follow one another in the order of the calls. */
  save(record: StudyRecord): Promise<void> {
    const save = this.#saving.then(() => this.#records.save(record));
    this.#saving = save.catch(() => undefined);
    return save;
  }

  async close(): Promise<void> {
    await this.#saving;
  }
}
