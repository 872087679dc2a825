import { writeSync } from 'node:fs';

/** Says that lines were lost, as a line of the log itself. */
export type LossLine = (numLost: number) => string;

/**
 * Where log lines go, at once and in order. What cannot be written is dropped and counted: a full disk, a pipe that
 * nobody reads or that is closed neither stops nor ends the process. A line says how many are missing as soon as lines
 * can be written again.
 */
export class LogOutput {
  readonly #fd: number;
  readonly #lossLine: LossLine;
  /** What is missing of a line that was cut short: no other may begin before it ends. */
  #rest: Uint8Array = new Uint8Array();
  #numLost = 0;

  constructor(fd: number, lossLine: LossLine) {
    this.#fd = fd;
    this.#lossLine = lossLine;
  }

  /** Lines dropped since the last one that was written. */
  get numLost(): number {
    return this.#numLost;
  }

  /** Takes a whole line, with its newline. Never throws, never waits. */
  write(line: string): void {
    if (!this.#finishRest() || !this.#tellLoss() || !this.#begin(line)) this.#numLost += 1;
  }

  #finishRest(): boolean {
    this.#rest = this.#put(this.#rest);
    return this.#rest.length === 0;
  }

  #tellLoss(): boolean {
    if (this.#numLost === 0) return true;
    if (!this.#begin(this.#lossLine(this.#numLost))) return false;
    this.#numLost = 0;
    return this.#rest.length === 0;
  }

  /** Whether anything of the line was written; what is missing of it follows with the next one. */
  #begin(line: string): boolean {
    const bytes = Buffer.from(line);
    const rest = this.#put(bytes);
    if (rest.length === bytes.length) return false;
    this.#rest = rest;
    return true;
  }

  /** Returns what could not be written. */
  #put(bytes: Uint8Array): Uint8Array {
    let left = bytes;
    try {
      while (left.length > 0) left = left.subarray(writeSync(this.#fd, left));
    } catch {
      // Whatever it is, nobody can be told now.
    }
    return left;
  }
}
