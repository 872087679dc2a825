import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { z } from 'zod';
import { isMissing } from './error-code.js';

const NEWLINE = 0x0a;

/**
 * An append-only file of JSON lines. It is open from an append to the next `close`, and may be appended to again. A line
 * that a crash cut short is taken away when it is opened. Appends are written in order, one write for all that gathered
 * meanwhile. What a disk did not take whole is cut off and written again: no line is torn or doubled by it.
 */
export class JsonLinesFile {
  /** Lines not yet written. */
  #gathered = '';
  /** Lines written, of which nobody knows whether they would outlive a power cut. */
  #unsure = '';
  /** Where the lines end that are surely on disk. */
  #sureBytes: number | undefined;
  /** There may be something behind them that is not wanted. */
  #hasRest = true;
  #doing: Promise<void> = Promise.resolve();
  #file: FileHandle | undefined;
  #failure: unknown;

  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Length of the lines that are not surely on disk. */
  get unsaved(): number {
    return this.#gathered.length + this.#unsure.length;
  }

  /** Where all that was appended ends once it is written, in bytes; undefined before the file was first opened. */
  get end(): number | undefined {
    if (this.#sureBytes === undefined) return undefined;
    return this.#sureBytes + Buffer.byteLength(this.#unsure) + Buffer.byteLength(this.#gathered);
  }

  /** Queues the lines; never throws, `sync` tells of a failure. */
  append(values: readonly unknown[]): void {
    for (const value of values) this.#gathered += `${JSON.stringify(value)}\n`;
    this.#doing = this.#doing.then(() => this.#write());
  }

  /** Waits until all that was appended is on disk; tries lines again that could not be written before, else throws. */
  async sync(): Promise<void> {
    this.#doing = this.#doing.then(async () => {
      await this.#write();
      await this.#flush();
    });
    await this.#doing;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Puts all on disk as `sync` does, and lets go of the file. */
  async close(): Promise<void> {
    if (this.#file === undefined && this.#gathered === '') return;
    try {
      await this.sync();
    } finally {
      this.#doing = this.#doing.then(() => this.#letGo());
      await this.#doing;
    }
  }

  async #write(): Promise<void> {
    if (this.#gathered === '') return;
    try {
      const file = await this.#opened();
      const text = this.#gathered;
      this.#gathered = '';
      this.#unsure += text;
      await file.appendFile(text);
      this.#failure = undefined;
    } catch (error) {
      this.#takeBack(error);
    }
  }

  async #flush(): Promise<void> {
    if (this.#unsure === '') return;
    try {
      await this.#file?.datasync();
      this.#sureBytes = (this.#sureBytes ?? 0) + Buffer.byteLength(this.#unsure);
      this.#unsure = '';
    } catch (error) {
      this.#takeBack(error);
    }
  }

  /** What a disk says it could not keep may be there in part. */
  #takeBack(error: unknown): void {
    this.#gathered = this.#unsure + this.#gathered;
    this.#unsure = '';
    this.#hasRest = true;
    this.#failure = error;
  }

  async #opened(): Promise<FileHandle> {
    const file = (this.#file ??= await open(this.#path, 'a+'));
    this.#sureBytes ??= await wholeBytes(file);
    if (this.#hasRest) await file.truncate(this.#sureBytes);
    this.#hasRest = false;
    return file;
  }

  /** Between two writes. What was appended since the last one opens the file again. */
  async #letGo(): Promise<void> {
    const file = this.#file;
    await this.#flush();
    this.#file = undefined;
    await file?.close();
  }
}

/**
 * Reads line by line what follows the schema, from a byte on; no file is an empty one. Returns the number of lines left
 * out, which are those that a crash or a full disk cut short and those of another form, and where the last line ends.
 * A promise of `onValue` is waited for.
 */
export async function readJsonLines<T>(
  path: string,
  schema: z.ZodType<T>,
  onValue: (value: T) => Promise<void> | void,
  from = 0,
): Promise<{ readonly numLeftOut: number; readonly end: number }> {
  let numLeftOut = 0;
  let end = from;
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of createReadStream(path, { start: from }) as AsyncIterable<Buffer>) {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let begin = 0;
      for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, begin)) {
        const line = bytes.toString('utf8', begin, at);
        begin = at + 1;
        if (line === '') continue;
        const parsed = schema.safeParse(jsonOf(line));
        if (!parsed.success) numLeftOut += 1;
        else {
          const taking = onValue(parsed.data);
          if (taking !== undefined) await taking;
        }
      }
      end += begin;
      rest = bytes.subarray(begin);
    }
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return { numLeftOut: numLeftOut + (rest.length > 0 ? 1 : 0), end };
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Where the last line that has an end ends. */
async function wholeBytes(file: FileHandle): Promise<number> {
  const { size } = await file.stat();
  const chunk = Buffer.alloc(64 * 1024);
  let end = size;
  while (end > 0) {
    const from = Math.max(0, end - chunk.length);
    const { bytesRead } = await file.read(chunk, 0, end - from, from);
    const at = chunk.subarray(0, bytesRead).lastIndexOf(NEWLINE);
    if (at >= 0) return from + at + 1;
    end = from;
  }
  return 0;
}
