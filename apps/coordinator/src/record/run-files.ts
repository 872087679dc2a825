import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { evaluationPartSchema, evaluationSchema, runEventSchema, stepMetricsSchema, type RunEvent } from '#contracts';
import { makeFolder, writeFileAtomically } from './atomic-file.js';
import { isMissing } from './error-code.js';
import { JsonLinesFile, readJsonLines } from './json-lines-file.js';
import { runRecordSchema, type RunRecord } from './run-record.schema.js';

const incarnation = z.int().min(1);

/** A line of metrics.jsonl. `progress` marks how far an incarnation got that recomputes steps already written. */
export const metricsLineSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('step'), incarnation, step: stepMetricsSchema }),
  z.strictObject({ kind: z.literal('evaluation'), incarnation, evaluation: evaluationSchema }),
  z.strictObject({ kind: z.literal('part'), incarnation, part: evaluationPartSchema }),
  z.strictObject({ kind: z.literal('progress'), incarnation, round: z.int().min(0) }),
]);
export type MetricsLine = z.infer<typeof metricsLineSchema>;

/** The folder of one run: run.json, journal.jsonl and metrics.jsonl. Journal and metrics are open while they are written. */
export class RunFiles {
  private readonly journal: JsonLinesFile;
  private readonly metrics: JsonLinesFile;
  private saving: Promise<void> = Promise.resolve();

  private constructor(private readonly directory: string) {
    this.journal = new JsonLinesFile(join(directory, 'journal.jsonl'));
    this.metrics = new JsonLinesFile(join(directory, 'metrics.jsonl'));
  }

  static async create(dataDirectory: string, runId: string): Promise<RunFiles> {
    const directory = join(dataDirectory, 'runs', runId);
    await makeFolder(directory);
    return new RunFiles(directory);
  }

  /** Ids of the runs in a data folder, and its folders that hold none. */
  static async list(dataDirectory: string): Promise<string[]> {
    const entries = await readdir(join(dataDirectory, 'runs'), { withFileTypes: true }).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  }

  /** Undefined where the folder holds no record: its run was never acknowledged. */
  async readRecord(): Promise<RunRecord | undefined> {
    try {
      return runRecordSchema.parse(JSON.parse(await readFile(join(this.directory, 'run.json'), 'utf8')));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Replaces run.json; saves follow one another in the order of the calls. */
  saveRecord(record: RunRecord): Promise<void> {
    const path = join(this.directory, 'run.json');
    const save = this.saving.then(() => writeFileAtomically(path, `${JSON.stringify(record, null, 1)}\n`));
    this.saving = save.catch(() => undefined);
    return save;
  }

  async readJournal(): Promise<RunEvent[]> {
    const events: RunEvent[] = [];
    await readJsonLines(join(this.directory, 'journal.jsonl'), (value) => {
      const parsed = runEventSchema.safeParse(value);
      if (parsed.success) events.push(parsed.data);
    });
    return events;
  }

  async readMetrics(onLine: (line: MetricsLine) => void): Promise<void> {
    await readJsonLines(join(this.directory, 'metrics.jsonl'), (value) => {
      const parsed = metricsLineSchema.safeParse(value);
      if (parsed.success) onLine(parsed.data);
    });
  }

  appendJournal(events: readonly RunEvent[]): void {
    this.journal.append(events);
  }

  appendMetrics(lines: readonly MetricsLine[]): void {
    this.metrics.append(lines);
  }

  /** Length of the lines that are not surely on disk. */
  get unsaved(): number {
    return this.journal.unsaved + this.metrics.unsaved;
  }

  /** Waits until journal and metrics are on disk. */
  async sync(): Promise<void> {
    await this.journal.sync();
    await this.metrics.sync();
  }

  /** Takes the folder away, of a run that could not be written down. */
  async remove(): Promise<void> {
    await this.close().catch(() => undefined);
    await rm(this.directory, { recursive: true, force: true });
  }

  /** Waits until all is on disk and keeps no file open; the next append opens its file again. */
  async close(): Promise<void> {
    await this.saving;
    await Promise.all([this.journal.close(), this.metrics.close()]);
  }
}
