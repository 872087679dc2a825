import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { JsonLinesFile, readJsonLines, writeFileAtomically } from '#files';
import { z } from 'zod';
import type { EndedRun } from './ended-run.js';
import type { RecordStamp } from './run-files.js';
import { RUN_RECORD_VERSIONS } from './run-record.schema.js';

/** Another one where an entry says something else of the same record; with the record's version it makes a line's. */
const INDEX_VERSION = 1;
const VERSION = `${INDEX_VERSION}.${RUN_RECORD_VERSIONS.current}`;

/** So many lines that mean nothing any more are not worth writing the file again. */
const SPARE_LINES = 100;

const lineSchema = z.strictObject({
  version: z.literal(VERSION),
  /** Of the entry as JSON, the first 16 digits. */
  sha256: z.string(),
  sizeBytes: z.number(),
  mtimeMs: z.number(),
  entry: z.unknown(),
});

interface Indexed {
  readonly stamp: RecordStamp;
  readonly entry: EndedRun;
}

/**
 * `runs-index.jsonl` of a data folder: what memory keeps of every run that is over, so that a start reads one file in
 * place of every run.json. It is derived: a line that is missing, damaged, of another version or of another content of
 * run.json only means that this run.json is read. The last line of a run counts.
 */
export class RunIndex {
  readonly #path: string;
  #file: JsonLinesFile;
  /** What a start reads; nobody asks for it afterwards. */
  #indexed: Map<string, Indexed> | undefined = new Map();
  #numLines = 0;

  private constructor(path: string) {
    this.#path = path;
    this.#file = new JsonLinesFile(path);
  }

  static async read(dataDirectory: string): Promise<RunIndex> {
    const index = new RunIndex(join(dataDirectory, 'runs-index.jsonl'));
    try {
      const { numLeftOut } = await readJsonLines(index.#path, lineSchema, ({ sha256, sizeBytes, mtimeMs, entry }) => {
        index.#numLines += 1;
        if (sha256 !== digestOf(JSON.stringify(entry))) return;
        // Its checksum says that this version has written it: to look at every field again would cost a start of ten
        // thousand runs half a second.
        const written = entry as EndedRun;
        index.#indexed?.set(written.id, { stamp: { sizeBytes, mtimeMs }, entry: written });
      });
      index.#numLines += numLeftOut;
    } catch {
      // Whatever lies there is no index.
      await rm(index.#path, { recursive: true, force: true }).catch(() => undefined);
      index.#indexed?.clear();
    }
    return index;
  }

  /** What is known of a run, where its run.json is still the one it was taken from. */
  get(id: string, stamp: RecordStamp): EndedRun | undefined {
    const held = this.#indexed?.get(id);
    const isSame = held?.stamp.sizeBytes === stamp.sizeBytes && held.stamp.mtimeMs === stamp.mtimeMs;
    return isSame ? held.entry : undefined;
  }

  /** Queues a line; never throws. */
  put(entry: EndedRun, stamp: RecordStamp): void {
    this.#file.append([lineOf({ entry, stamp })]);
    this.#indexed?.set(entry.id, { entry, stamp });
    this.#numLines += 1;
  }

  /**
   * Ends the reading of a start. Writes the file again where most of its lines mean nothing any more. `ids`: the runs that
   * are there.
   */
  async compact(ids: readonly string[]): Promise<void> {
    const current = ids.flatMap((id) => this.#indexed?.get(id) ?? []);
    this.#indexed = undefined;
    await this.save();
    if (this.#numLines <= 2 * current.length + SPARE_LINES) return;
    // On a full disk it stays as it is.
    await writeFileAtomically(this.#path, current.map((one) => `${JSON.stringify(lineOf(one))}\n`).join(''), {
      isDurable: false,
    }).catch(() => undefined);
    // It is another file now.
    this.#file = new JsonLinesFile(this.#path);
  }

  /** Puts queued lines on disk. What a full disk does not take is tried again by the next call. */
  async save(): Promise<void> {
    await this.#file.close().catch(() => undefined);
  }
}

function lineOf({ entry, stamp }: Indexed): z.infer<typeof lineSchema> {
  return { version: VERSION, sha256: digestOf(JSON.stringify(entry)), ...stamp, entry };
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
