import { createHash } from 'node:crypto';
import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { evaluationSchema, runEventSchema } from '#contracts';
import { isMissing, makeFolder, syncFolder, writeFileAtomically } from '#files';

const count = z.int().min(0);
const ledgerRowSchema = z.strictObject({
  epoch: count,
  samples: z.int(),
  expected: z.int(),
  missing: z.int(),
  repeated: z.int(),
  leftOut: z.int().min(1).optional(),
});

/** What a journal and a metrics file come to up to a byte. Of another version: it is made anew. */
const snapshotSchema = z.strictObject({
  version: z.literal(1),
  /** How far the files were taken in, and the SHA-256 of what lies just before. */
  metrics: z.strictObject({ end: count, tailSha256: z.string() }),
  journal: z.strictObject({ end: count, tailSha256: z.string() }),
  lastEventId: count,
  warnings: z.strictObject({ numWarnings: count, warnings: z.array(runEventSchema) }),
  roundsDone: z.array(z.tuple([z.int().min(1), count])),
  training: z.strictObject({
    lastStep: count,
    ledger: z.strictObject({
      rows: z.array(ledgerRowSchema),
      chain: z.strictObject({ step: count, ends: z.array(z.string()) }),
    }),
    evaluations: z.array(evaluationSchema),
  }),
});
type Snapshot = z.infer<typeof snapshotSchema>;
/** What a snapshot tells of a run. */
export type DetailState = Omit<Snapshot, 'version' | 'metrics' | 'journal'>;

/** Where journal.jsonl and metrics.jsonl end, in bytes. */
export interface FileEnds {
  readonly metrics: number;
  readonly journal: number;
}

/** So much of a file tells it from another one. */
const TAIL_BYTES = 4_096;

/**
 * The folder `steps` of a run: columns of its steps, and a snapshot of what else its files come to. All of it is derived:
 * what is missing, damaged, of another version or of other files is made anew from metrics.jsonl and journal.jsonl.
 */
export class DetailSnapshot {
  readonly #directory: string;
  readonly folder: string;

  /** `directory`: that of the run. */
  constructor(directory: string) {
    this.#directory = directory;
    this.folder = join(directory, 'steps');
  }

  /** Undefined where there is none that belongs to the files. */
  async read(): Promise<(DetailState & { readonly ends: FileEnds }) | undefined> {
    const text = await readFile(this.#path, 'utf8').catch((error: unknown) => {
      if (isMissing(error)) return '';
      throw error;
    });
    const parsed = snapshotSchema.safeParse(jsonOf(text));
    if (!parsed.success) return undefined;
    const { version: _version, metrics, journal, ...state } = parsed.data;
    const isOfThese =
      metrics.tailSha256 === (await this.#tailSha256('metrics.jsonl', metrics.end)) &&
      journal.tailSha256 === (await this.#tailSha256('journal.jsonl', journal.end));
    return isOfThese ? { ...state, ends: { metrics: metrics.end, journal: journal.end } } : undefined;
  }

  /** The columns and both files must be on disk up to what the snapshot says. */
  async write(state: DetailState, ends: FileEnds): Promise<void> {
    const snapshot: Snapshot = {
      version: 1,
      metrics: { end: ends.metrics, tailSha256: await this.#tailSha256('metrics.jsonl', ends.metrics) },
      journal: { end: ends.journal, tailSha256: await this.#tailSha256('journal.jsonl', ends.journal) },
      ...state,
    };
    await makeFolder(this.folder);
    await writeFileAtomically(this.#path, JSON.stringify(snapshot));
  }

  /** To be called before columns are changed that a snapshot describes. */
  async drop(): Promise<void> {
    await rm(this.#path, { force: true });
    await syncFolder(this.folder).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  }

  /** Takes the columns away, too. */
  async clear(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  get #path(): string {
    return join(this.folder, 'snapshot.json');
  }

  /** Of the bytes before `end`; of a file that is shorter, of none. */
  async #tailSha256(name: string, end: number): Promise<string> {
    const length = Math.min(end, TAIL_BYTES);
    const tail = Buffer.alloc(length);
    if (length > 0) {
      const file = await open(join(this.#directory, name), 'r').catch((error: unknown) => {
        if (isMissing(error)) return undefined;
        throw error;
      });
      const read = await file?.read(tail, 0, length, end - length);
      await file?.close();
      if (read?.bytesRead !== length) return '';
    }
    return createHash('sha256').update(tail).digest('hex');
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
