import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isMissing, writeFileAtomically } from '#files';

const cursorSchema = z.object({ after: z.string().regex(/^\d+(-\d+)?$/) });

/** The place in the stream of reports: how far they were taken in, and how far what they said is on disk. */
export class ReportsCursor {
  readonly #path: string;
  #taken: string;
  #saved: string;

  private constructor(path: string, after: string) {
    this.#path = path;
    this.#taken = this.#saved = after;
  }

  /** Begins behind the last report that is on disk with all before it, or at the first one where none is known. */
  static async read(dataDirectory: string): Promise<ReportsCursor> {
    const path = join(dataDirectory, 'reports-cursor.json');
    try {
      const cursor = cursorSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
      return new ReportsCursor(path, cursor.data?.after ?? '0');
    } catch (error) {
      if (isMissing(error) || error instanceof SyntaxError) return new ReportsCursor(path, '0');
      throw error;
    }
  }

  /** Id of the last report that was taken in. */
  get taken(): string {
    return this.#taken;
  }

  /** Id of the last report that outlives a power cut. */
  get saved(): string {
    return this.#saved;
  }

  take(id: string): void {
    this.#taken = id;
  }

  /** All up to `id` is on disk; resolves when that outlives a power cut, too. */
  async save(id: string): Promise<void> {
    if (id === this.#saved) return;
    await writeFileAtomically(this.#path, JSON.stringify({ after: id }));
    this.#saved = id;
  }
}
