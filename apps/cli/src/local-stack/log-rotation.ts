import { closeSync, existsSync, ftruncateSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface LogLimits {
  /** A log that is larger becomes `NAME.log.1`, the one before it `NAME.log.2`, ... */
  readonly maxBytes: number;
  /** How many of those stay; at least 1. */
  readonly numKept: number;
}

export const DEFAULT_LOG_LIMITS: LogLimits = { maxBytes: 20 * 2 ** 20, numKept: 3 };

const LOOK_EVERY_MS = 5_000;
const CHUNK_BYTES = 2 ** 20;

/**
 * Keeps the logs of a folder to their limits while processes write them. Those hold their file open and append, so a log
 * is copied and emptied rather than renamed: a process needs nobody to take its output, and has its last words on disk
 * whatever becomes of this one. A log may grow beyond its limit between two looks.
 */
export class LogRotation {
  readonly #folder: string;
  readonly #limits: LogLimits;
  readonly #timer: NodeJS.Timeout;
  #looking: Promise<void> = Promise.resolve();

  constructor(folder: string, limits: LogLimits, everyMs = LOOK_EVERY_MS) {
    this.#folder = folder;
    this.#limits = limits;
    this.#timer = setInterval(() => void this.look(), everyMs).unref();
    void this.look();
  }

  /** Rotates the logs that are too large now. Never rejects: what fails, as on a full disk, is tried at the next look. */
  look(): Promise<void> {
    return (this.#looking = this.#looking.then(() => this.#rotateAll()).catch(() => undefined));
  }

  /** Resolves when the look in hand is over. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  async #rotateAll(): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      if (!name.endsWith('.log')) continue;
      const path = join(this.#folder, name);
      if ((await stat(path)).size > this.#limits.maxBytes) rotate(path, this.#limits.numKept);
    }
  }
}

/** In one go, so that hardly a line can come between the end of the copy and the emptying: it would be lost. */
function rotate(path: string, numKept: number): void {
  const kept = (index: number): string => `${path}.${index}`;
  const fresh = `${path}.new`;
  // First, as there may be no room for another.
  rmSync(kept(numKept), { force: true });
  const log = openSync(path, 'r+');
  try {
    const copy = openSync(fresh, 'w');
    try {
      const numCopied = copyFrom(0, log, copy);
      for (let index = numKept - 1; index >= 1; index -= 1) {
        if (existsSync(kept(index))) renameSync(kept(index), kept(index + 1));
      }
      renameSync(fresh, kept(1));
      copyFrom(numCopied, log, copy);
      ftruncateSync(log, 0);
    } finally {
      closeSync(copy);
      rmSync(fresh, { force: true });
    }
  } finally {
    closeSync(log);
  }
}

/** Appends all that `source` holds from there on; returns where it ended. */
function copyFrom(position: number, source: number, target: number): number {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  for (;;) {
    const size = readSync(source, chunk, 0, chunk.length, position);
    if (size === 0) return position;
    for (let written = 0; written < size;) written += writeSync(target, chunk, written, size - written);
    position += size;
  }
}
