import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing, syncFolder, writeFileAtomically } from '#files';
import { readRecordFile, UnreadableRecordError } from './read-record.js';
import { STUDY_RECORD_VERSIONS, studyRecordSchema, type StudyRecord } from './study-record.schema.js';

const SUFFIX = '.json';
/** Of a study that was deleted, as long as runs of it are left. */
const BURIED = '.removed';

/** `studies/ID.json` of a data folder. */
export class StudyFiles {
  readonly #dataDirectory: string;
  readonly #directory: string;
  #saving: Promise<void> = Promise.resolve();

  constructor(dataDirectory: string) {
    this.#dataDirectory = dataDirectory;
    this.#directory = join(dataDirectory, 'studies');
  }

  list(): Promise<string[]> {
    return this.#named(SUFFIX);
  }

  /** Ids of studies that were deleted and of which something is left. */
  listBuried(): Promise<string[]> {
    return this.#named(BURIED);
  }

  /** From now on there is no such study. */
  async bury(id: string): Promise<void> {
    await this.#saving;
    await rename(this.#pathOf(id), join(this.#directory, id + BURIED));
    await syncFolder(this.#directory);
  }

  async removeBuried(id: string): Promise<void> {
    await rm(join(this.#directory, id + BURIED), { force: true });
  }

  async #named(ending: string): Promise<string[]> {
    const names = await readdir(this.#directory).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    return names.filter((name) => name.endsWith(ending)).map((name) => name.slice(0, -ending.length));
  }

  /** Throws UnreadableRecordError. */
  async read(id: string): Promise<StudyRecord> {
    const record = await readRecordFile(this.#pathOf(id), studyRecordSchema, STUDY_RECORD_VERSIONS);
    if (record.id === id) return record;
    throw new UnreadableRecordError(`${id}${SUFFIX} is the record of study ${record.id}`);
  }

  /** Replaces the file; saves follow one another in the order of the calls. */
  save(record: StudyRecord): Promise<void> {
    const save = this.#saving.then(async () => {
      if ((await mkdir(this.#directory, { recursive: true })) !== undefined) await syncFolder(this.#dataDirectory);
      await writeFileAtomically(this.#pathOf(record.id), `${JSON.stringify(record, null, 1)}\n`);
    });
    this.#saving = save.catch(() => undefined);
    return save;
  }

  async close(): Promise<void> {
    await this.#saving;
  }

  #pathOf(id: string): string {
    return join(this.#directory, `${id}${SUFFIX}`);
  }
}
