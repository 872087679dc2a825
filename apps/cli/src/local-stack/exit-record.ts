import { join } from 'node:path';
import { PROCESS_EXITS_FILE, type ProcessExits } from '#contracts';
import { writeFileAtomically } from '#files';

const NUM_KEPT = 100;

/** Writes down which processes ended unasked, where the coordinator finds it: it sees a crash loop by it. */
export class ExitRecord {
  readonly #path: string;
  #exits: ProcessExits = [];
  #writing: Promise<void> = Promise.resolve();

  constructor(logs: string) {
    this.#path = join(logs, PROCESS_EXITS_FILE);
  }

  /** Begins anew: exits of an earlier stack are over. Never rejects: a full disk must end nothing. */
  begin(): Promise<void> {
    return this.#write();
  }

  /** Never rejects. */
  add(name: string, reason: string): Promise<void> {
    this.#exits = [...this.#exits, { name, reason, at: Date.now() }].slice(-NUM_KEPT);
    return this.#write();
  }

  #write(): Promise<void> {
    const text = JSON.stringify(this.#exits);
    this.#writing = this.#writing
      .then(() => writeFileAtomically(this.#path, text, { isDurable: false }))
      .catch(() => undefined);
    return this.#writing;
  }
}
