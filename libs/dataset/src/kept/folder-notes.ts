import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing, writeFileAtomically } from '#files';
import type { SurveyNotes } from '../dataset.js';

/** Notes as files of a folder, one a unit. One that a power cut has torn is no note. */
export class FolderNotes implements SurveyNotes {
  readonly #folder: string;
  #hasFolder = false;

  constructor(
    folder: string,
    readonly settledBefore: number,
  ) {
    this.#folder = folder;
  }

  async read(unit: string): Promise<unknown> {
    try {
      return JSON.parse(await readFile(this.#pathOf(unit), 'utf8')) as unknown;
    } catch (error) {
      if (isMissing(error) || error instanceof SyntaxError) return null;
      throw error;
    }
  }

  async write(unit: string, note: unknown): Promise<void> {
    if (!this.#hasFolder) await mkdir(this.#folder, { recursive: true });
    this.#hasFolder = true;
    await writeFileAtomically(this.#pathOf(unit), JSON.stringify(note), { isDurable: false });
  }

  #pathOf(unit: string): string {
    return join(this.#folder, `${createHash('sha256').update(unit).digest('hex').slice(0, 32)}.json`);
  }
}
