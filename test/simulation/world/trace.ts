import type { Clock } from './clock.js';
import { EPOCH_MS } from './clock.js';

/** What happened, in words; kept only where somebody reads it. */
export class Trace {
  readonly #print: ((line: string) => void) | null;
  clock: Clock | null = null;

  /** `print` gets every line; null for none. */
  constructor(print: ((line: string) => void) | null) {
    this.#print = print;
  }

  get isOn(): boolean {
    return this.#print !== null;
  }

  say(who: string, what: string): void {
    if (this.#print === null) return;
    const seconds = ((this.clock?.now ?? EPOCH_MS) - EPOCH_MS) / 1_000;
    this.#print(`${seconds.toFixed(4).padStart(9)}  ${who.padEnd(14)} ${what}`);
  }
}
