import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { MAX_LOG_LINES, type LogList, type LogTail } from '#contracts';
import { findLog, followLog, listLogs, readLogTail, type LogPosition } from '#files';
import { hideSecrets } from '#telemetry';
import { z } from 'zod';
import type { CoordinatorConfig } from '../config/coordinator.config.js';
import { CONFIG } from '../config/settings.js';
import type { EventStream } from '../http/event-stream.js';
import { problem, ProblemException } from '../http/problem.js';

const numLines = z.coerce.number().int().min(0).max(MAX_LOG_LINES);
/** Bytes read, then what was put aside last. */
const POSITION = /^(\d{1,15})\.([\w-]{0,60})$/;
const position = z.string().regex(POSITION, 'must be the position of an answer').transform(parsePosition);

export const tailQuerySchema = z.strictObject({ lines: numLines.default(200) });
export const followQuerySchema = z.strictObject({
  /** Lines before the new ones, where `from` names no place. */
  lines: numLines.default(0),
  from: position.optional(),
});
export type FollowQuery = z.infer<typeof followQuerySchema>;

/** Reads the logs of the stack's processes. The launcher names their folder; passwords in them are not shown. */
@Injectable()
export class LogsService implements BeforeApplicationShutdown {
  readonly #folder: string | undefined;
  readonly #apiKey: string | undefined;
  readonly #ending = new AbortController();

  constructor(@Inject(CONFIG) { logDirectory, apiKey }: CoordinatorConfig) {
    this.#folder = logDirectory;
    this.#apiKey = apiKey;
  }

  async list(): Promise<LogList> {
    if (this.#folder === undefined) return { isKept: false, logs: [] };
    return { isKept: true, logs: [...(await listLogs(this.#folder))] };
  }

  async tail(name: string, lines: number): Promise<LogTail> {
    const read = await readLogTail(await this.#pathOf(name), lines);
    return { name, lines: this.#shown(read.lines), position: positionText(read.next) };
  }

  /** Sends lines as they are written, until the reader leaves or the coordinator ends. */
  async follow(name: string, { lines, from }: FollowQuery, open: () => EventStream): Promise<void> {
    const path = await this.#pathOf(name);
    const tail = from === undefined ? await readLogTail(path, lines) : { lines: [], next: from };
    const stream = open();
    const leaving = new AbortController();
    stream.onClose(() => leaving.abort());
    const signal = AbortSignal.any([leaving.signal, this.#ending.signal]);
    // At once, so that a reader that is cut off knows where it was.
    this.#send(stream, tail);
    try {
      for await (const read of followLog(path, { from: tail.next, signal })) this.#send(stream, read);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      stream.end();
    }
  }

  beforeApplicationShutdown(): void {
    this.#ending.abort();
  }

  #send(stream: EventStream, { lines, next }: { readonly lines: readonly string[]; readonly next: LogPosition }): void {
    stream.send('lines', this.#shown(lines), positionText(next));
  }

  async #pathOf(name: string): Promise<string> {
    const path = this.#folder === undefined ? undefined : await findLog(this.#folder, name);
    if (path === undefined) throw new ProblemException(problem(404, `there is no log ${JSON.stringify(name)}`));
    return path;
  }

  #shown(lines: readonly string[]): string[] {
    const key = this.#apiKey;
    return lines.map((line) => {
      const shown = hideSecrets(line);
      return key === undefined ? shown : shown.replaceAll(key, '***');
    });
  }
}

function positionText({ offsetBytes, aside }: LogPosition): string {
  return `${offsetBytes}.${aside}`;
}

function parsePosition(text: string): LogPosition {
  const [, offset = '0', aside = ''] = POSITION.exec(text) ?? [];
  return { offsetBytes: Number(offset), aside };
}
