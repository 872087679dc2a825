import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecordVersions } from '#contracts';
import { isMissing, syncFolder, writeFileAtomically } from '#files';
import type { z } from 'zod';
import { readRecordFile, UnreadableRecordError } from './read-record.js';

export const RECORD_SUFFIX = '.json';

interface RecordFolderOptions<Stored> {
  readonly dataDirectory: string;
  /** Name of the folder. */
  readonly folder: string;
  /** For messages: `study`. */
  readonly what: string;
  readonly schema: z.ZodType<Stored>;
  readonly versions: RecordVersions;
  /** The name of a record's file, without its suffix. */
  readonly keyOf: (record: Stored) => string;
}

/** A folder of the data folder with a file for each record, `KEY.json`. */
export class RecordFolder<Stored> {
  readonly path: string;
  readonly #options: RecordFolderOptions<Stored>;

  constructor(options: RecordFolderOptions<Stored>) {
    this.path = join(options.dataDirectory, options.folder);
    this.#options = options;
  }

  /** What the names of files with that ending begin with. */
  async list(ending: string = RECORD_SUFFIX): Promise<string[]> {
    const names = await readdir(this.path).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    return names.filter((name) => name.endsWith(ending)).map((name) => name.slice(0, -ending.length));
  }

  /** Throws UnreadableRecordError. */
  async read(key: string): Promise<Stored> {
    const { schema, versions, keyOf, what } = this.#options;
    const record = await readRecordFile(this.pathOf(key), schema, versions);
    if (keyOf(record) === key) return record;
    throw new UnreadableRecordError(`${key}${RECORD_SUFFIX} is the record of ${what} ${keyOf(record)}`);
  }

  /** Replaces the file. */
  async save(record: Stored): Promise<void> {
    const { dataDirectory, keyOf } = this.#options;
    if ((await mkdir(this.path, { recursive: true })) !== undefined) await syncFolder(dataDirectory);
    await writeFileAtomically(this.pathOf(keyOf(record)), `${JSON.stringify(record, null, 1)}\n`);
  }

  pathOf(key: string, ending: string = RECORD_SUFFIX): string {
    return join(this.path, key + ending);
  }
}
