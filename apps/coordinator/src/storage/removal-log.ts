import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { removalSchema, type Removal } from '#contracts';
import { isMissing, JsonLinesFile, readJsonLines } from '#files';
import { z } from 'zod';
import { DataFolder } from './data-folder.js';

const FILE_NAME = 'removals.jsonl';

/** Who wanted it. */
export type RemovalReason = 'request' | 'retention';

const entrySchema = z.strictObject({
  at: z.number(),
  reason: z.enum(['request', 'retention']),
  removal: removalSchema,
});
type Entry = z.infer<typeof entrySchema>;

/** `removals.jsonl` of the data folder: what was deleted, a line each. It is read only when somebody asks for what is gone. */
@Injectable()
export class RemovalLog {
  readonly #path: string;
  readonly #file: JsonLinesFile;

  constructor(folder: DataFolder) {
    this.#path = join(folder.path, FILE_NAME);
    this.#file = new JsonLinesFile(this.#path);
  }

  /** Throws where the disk takes nothing; the line is written with the next one then. */
  async add(entry: Entry): Promise<void> {
    this.#file.append([entry]);
    await this.#file.close();
  }

  /** The newest deletion of a run or a study. */
  async find(kind: Removal['kind'], id: string): Promise<Removal | undefined> {
    let found: Removal | undefined;
    try {
      await readJsonLines(this.#path, entrySchema, ({ removal }) => {
        if (removal.kind === kind && removal.id === id) found = removal;
      });
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    return found;
  }
}
