import { statSync } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { evaluationPartSchema, evaluationSchema, runEventSchema, stepMetricsSchema, type RunEvent } from '#contracts';
import { ID } from './new-id.js';
import {
  isMissing,
  JsonLinesFile,
  makeFolder,
  readJsonLines,
  startOfLinesAfter,
  syncFolder,
  writeFileAtomically,
} from '#files';
import { DetailSnapshot, type FileEnds } from './detail-snapshot.js';
import { readRecordFile, unreadable, UnreadableRecordError } from './read-record.js';
import { RUN_RECORD_VERSIONS, runRecordSchema, type RunRecord } from './run-record.schema.js';

const incarnation = z.int().min(1);

/** A line of metrics.jsonl. `progress` marks how far an incarnation got that recomputes steps already written. */
export const metricsLineSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('step'), incarnation, step: stepMetricsSchema }),
  z.strictObject({ kind: z.literal('evaluation'), incarnation, evaluation: evaluationSchema }),
  z.strictObject({ kind: z.literal('part'), incarnation, part: evaluationPartSchema }),
  z.strictObject({ kind: z.literal('progress'), incarnation, round: z.int().min(0) }),
]);
export type MetricsLine = z.infer<typeof metricsLineSchema>;

/** What tells one content of run.json from another without reading it. */
export interface RecordStamp {
  readonly sizeBytes: number;
  readonly mtimeMs: number;
}

/** Is told of lines of a file that cannot be read and were left out. */
export type TellLeftOut = (file: string, numLines: number) => void;

/** Ends the name of a folder whose run was deleted, as long as something of it is left. */
const BURIED = '.removed';

/** The folder of one run: run.json, journal.jsonl, metrics.jsonl and what is derived of them. Journal and metrics are open while they are written. */
export class RunFiles {
  readonly #directory: string;
  readonly #journal: JsonLinesFile;
  readonly #metrics: JsonLinesFile;
  #saving: Promise<void> = Promise.resolve();
  /** How far the files were read. */
  #readTo: FileEnds = { metrics: 0, journal: 0 };
  readonly snapshot: DetailSnapshot;

  readonly #onLeftOut: TellLeftOut;

  private constructor(directory: string, onLeftOut: TellLeftOut = () => undefined) {
    this.#directory = directory;
    this.#onLeftOut = onLeftOut;
    this.#journal = new JsonLinesFile(join(directory, 'journal.jsonl'));
    this.#metrics = new JsonLinesFile(join(directory, 'metrics.jsonl'));
    this.snapshot = new DetailSnapshot(directory);
  }

  static async create(dataDirectory: string, runId: string): Promise<RunFiles> {
    const directory = join(dataDirectory, 'runs', runId);
    await makeFolder(directory);
    return new RunFiles(directory);
  }

  /** The folder of a run that is there already. */
  static of(dataDirectory: string, runId: string, onLeftOut?: TellLeftOut): RunFiles {
    return new RunFiles(join(dataDirectory, 'runs', runId), onLeftOut);
  }

  /** Names of a data folder's folders of runs, and of what lies in the place of one. */
  static async list(dataDirectory: string): Promise<string[]> {
    const entries = await readdir(join(dataDirectory, 'runs'), { withFileTypes: true }).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    return entries
      .filter(({ name }) => !name.endsWith(BURIED))
      .filter((entry) => entry.isDirectory() || ID.test(entry.name))
      .map((entry) => entry.name);
  }

  /** Undefined where the folder holds no record: its run was never acknowledged. Throws UnreadableRecordError. */
  async readRecord(): Promise<RunRecord | undefined> {
    try {
      const record = await readRecordFile(join(this.#directory, 'run.json'), runRecordSchema, RUN_RECORD_VERSIONS);
      if (record.id === basename(this.#directory)) return record;
      throw new UnreadableRecordError(`run.json is the record of run ${record.id}`);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** The stamp of run.json; undefined where there is none that can be looked at. */
  recordStamp(): RecordStamp | undefined {
    return stampOf(join(this.#directory, 'run.json'));
  }

  /** Replaces run.json; saves follow one another in the order of the calls, each with the stamp of its own content. */
  saveRecord(record: RunRecord): Promise<RecordStamp | undefined> {
    const path = join(this.#directory, 'run.json');
    const save = this.#saving.then(async () => {
      await writeFileAtomically(path, `${JSON.stringify(record, null, 1)}\n`);
      return stampOf(path);
    });
    this.#saving = save.then(
      () => undefined,
      () => undefined,
    );
    return save;
  }

  /** The lines of the journal from a byte on. */
  async readJournal(onEvent: (event: RunEvent) => void, from = 0): Promise<void> {
    const journal = await this.#readLines('journal.jsonl', runEventSchema, onEvent, from);
    this.#readTo = { ...this.#readTo, journal };
  }

  /** The lines of the journal after the one of a number. Costs these lines, and some reads to find them. */
  async journalAfter(id: number): Promise<RunEvent[]> {
    const events: RunEvent[] = [];
    const numberOf = (value: unknown): number | undefined => runEventSchema.safeParse(value).data?.id;
    const from = id === 0 ? 0 : await startOfLinesAfter(join(this.#directory, 'journal.jsonl'), id, numberOf);
    const take = (event: RunEvent): void => void (event.id > id && events.push(event));
    await this.#readLines('journal.jsonl', runEventSchema, take, from);
    return events;
  }

  /** The lines of metrics.jsonl from a byte on. */
  async readMetrics(onLine: (line: MetricsLine) => Promise<void> | void, from = 0): Promise<void> {
    const metrics = await this.#readLines('metrics.jsonl', metricsLineSchema, onLine, from);
    this.#readTo = { ...this.#readTo, metrics };
  }

  /** Leaves out what is no such line, and tells how many. Returns where the last line ends. Throws UnreadableRecordError. */
  async #readLines<T>(
    name: string,
    schema: z.ZodType<T>,
    onLine: (line: T) => Promise<void> | void,
    from: number,
  ): Promise<number> {
    try {
      const { numLeftOut, end } = await readJsonLines(join(this.#directory, name), schema, onLine, from);
      if (numLeftOut > 0) this.#onLeftOut(name, numLeftOut);
      return end;
    } catch (error) {
      throw unreadable(name, error);
    }
  }

  /** Where the files end once all that was appended is on disk; undefined while that is not known. */
  get ends(): FileEnds | undefined {
    const metrics = this.#metrics.end ?? (this.#metrics.unsaved === 0 ? this.#readTo.metrics : undefined);
    const journal = this.#journal.end ?? (this.#journal.unsaved === 0 ? this.#readTo.journal : undefined);
    return metrics === undefined || journal === undefined ? undefined : { metrics, journal };
  }

  appendJournal(events: readonly RunEvent[]): void {
    this.#journal.append(events);
  }

  appendMetrics(lines: readonly MetricsLine[]): void {
    this.#metrics.append(lines);
  }

  /** Length of the lines that are not surely on disk. */
  get unsaved(): number {
    return this.#journal.unsaved + this.#metrics.unsaved;
  }

  /** Waits until journal and metrics are on disk. */
  async sync(): Promise<void> {
    await this.#journal.sync();
    await this.#metrics.sync();
  }

  /** Ids of runs that were deleted and of which something is left. */
  static async listBuried(dataDirectory: string): Promise<string[]> {
    const names = await readdir(join(dataDirectory, 'runs')).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    return names.filter((name) => name.endsWith(BURIED)).map((name) => name.slice(0, -BURIED.length));
  }

  /** The record of a deleted run; undefined where it can no longer be read. */
  static async buriedRecord(dataDirectory: string, runId: string): Promise<RunRecord | undefined> {
    const path = join(dataDirectory, 'runs', runId + BURIED, 'run.json');
    try {
      return await readRecordFile(path, runRecordSchema, RUN_RECORD_VERSIONS);
    } catch (error) {
      if (isMissing(error) || error instanceof UnreadableRecordError) return undefined;
      throw error;
    }
  }

  /** Takes away what is left of a deleted run; its record goes last, so that a crash leaves what has to be known. */
  static async removeBuried(dataDirectory: string, runId: string): Promise<void> {
    const folder = join(dataDirectory, 'runs', runId + BURIED);
    for (const name of await readdir(folder))
      if (name !== 'run.json') await rm(join(folder, name), { recursive: true, force: true });
    await rm(folder, { recursive: true, force: true });
  }

  /** From now on there is no such run. A renamed folder needs no room, so that a full disk takes it. */
  async bury(): Promise<void> {
    await this.close().catch(() => undefined);
    await rename(this.#directory, this.#directory + BURIED);
    await syncFolder(dirname(this.#directory));
  }

  /** Takes the folder away, of a run that could not be written down. */
  async remove(): Promise<void> {
    await this.close().catch(() => undefined);
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** Waits until all is on disk and keeps no file open; the next append opens its file again. */
  async close(): Promise<void> {
    await this.#saving;
    await Promise.all([this.#journal.close(), this.#metrics.close()]);
  }
}

/** Synchronous: ten thousand of them at a start would take a second on the way to the thread pool and back. */
function stampOf(path: string): RecordStamp | undefined {
  try {
    const { size, mtimeMs } = statSync(path);
    return { sizeBytes: size, mtimeMs };
  } catch {
    return undefined;
  }
}
