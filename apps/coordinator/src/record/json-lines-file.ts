import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { isMissing } from './error-code.js';

const NEWLINE = 0x0a;

/**
 * An append-only file of JSON lines. It is open from an append to the next `close`, and may be appended to again. A line
 * that a crash cut short is taken away when it is opened. Appends are written in order, one write for all that gathered
 * meanwhile.
 */
export class JsonLinesFile {
  private gathered = '';
  private writing: Promise<void> = Promise.resolve();
  private file: FileHandle | undefined;
  private isDirty = false;
  private failure: unknown;

  constructor(private readonly path: string) {}

  /** Queues the lines; never throws, `sync` tells of a failure. */
  append(values: readonly unknown[]): void {
    for (const value of values) this.gathered += `${JSON.stringify(value)}\n`;
    this.writing = this.writing.then(() => this.write());
  }

  /** Waits until all that was appended is on disk; tries lines again that could not be written before, else throws. */
  async sync(): Promise<void> {
    this.writing = this.writing.then(() => this.write());
    await this.writing;
    if (this.failure !== undefined) throw this.failure;
    await this.flush();
  }

  /** Puts all on disk as `sync` does, and lets go of the file. */
  async close(): Promise<void> {
    if (this.file === undefined && this.gathered === '') return;
    try {
      await this.sync();
    } finally {
      this.writing = this.writing.then(() => this.letGo());
      await this.writing;
    }
  }

  private async write(): Promise<void> {
    if (this.gathered === '') return;
    const text = this.gathered;
    this.gathered = '';
    try {
      this.file ??= await openWhole(this.path);
      this.isDirty = true;
      await this.file.appendFile(text);
      this.failure = undefined;
    } catch (error) {
      // The newline ends what a full disk may have cut short.
      this.gathered = `\n${text}${this.gathered}`;
      this.failure = error;
    }
  }

  private async flush(): Promise<void> {
    if (!this.isDirty) return;
    this.isDirty = false;
    await this.file?.datasync();
  }

  /** Between two writes. What was appended since the last one opens the file again. */
  private async letGo(): Promise<void> {
    const { file } = this;
    try {
      await this.flush();
    } finally {
      this.file = undefined;
      await file?.close();
    }
  }
}

/** Reads line by line; a line that is no JSON (a crash, a full disk) is counted and left out. */
export async function readJsonLines(path: string, onValue: (value: unknown) => void): Promise<{ unreadable: number }> {
  let unreadable = 0;
  try {
    for await (const line of createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Infinity })) {
      if (line === '') continue;
      try {
        onValue(JSON.parse(line));
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        unreadable += 1;
      }
    }
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return { unreadable };
}

async function openWhole(path: string): Promise<FileHandle> {
  const file = await open(path, 'a+');
  try {
    await cutTornTail(file);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function cutTornTail(file: FileHandle): Promise<void> {
  const { size } = await file.stat();
  const chunk = Buffer.alloc(64 * 1024);
  let end = size;
  while (end > 0) {
    const from = Math.max(0, end - chunk.length);
    const { bytesRead } = await file.read(chunk, 0, end - from, from);
    const at = chunk.subarray(0, bytesRead).lastIndexOf(NEWLINE);
    if (at >= 0) {
      end = from + at + 1;
      break;
    }
    end = from;
  }
  if (end < size) await file.truncate(end);
}
