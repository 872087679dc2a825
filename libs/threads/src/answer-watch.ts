/** A request that a thread has been at for longer than anybody can believe. */
export interface OverdueAnswer {
  readonly kind: string;
  readonly waitedMs: number;
  /** The slowest of the thread's last answers to such requests; null where this would be the first. */
  readonly slowestMs: number | null;
}

/** Times the slowest of the last answers: more is no slow answer any more. */
const FACTOR = 10;
const REMEMBERED = 32;
/**
 * What a first answer has. TensorFlow optimises the graph in it: 105 s were seen, of 1202 layers. A GPU that the library
 * holds no code for compiles its kernels in it, which TensorFlow says may take half an hour; NVIDIA's driver keeps them.
 */
export const FIRST_ANSWER_MS = 1_800_000;

/**
 * Tells a thread that hangs from one that is slow, by its own answers: a request has until ten times the slowest of the
 * last answers of its kind, and at least the patience. The first of a kind has half an hour. A kind is what takes about as
 * long each time: another shape of batch is another kind, for a GPU plans its kernels for each shape anew. The thread
 * is taken to be at the request that has waited longest.
 */
export class AnswerWatch {
  readonly #patienceMs: number;
  readonly #answers = new Map<string, readonly number[]>();
  readonly #waiting = new Map<number, string>();
  /** Since the last answer, or since something waits. */
  #waitedMs = 0;

  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  asked(id: number, kind: string): void {
    this.#waiting.set(id, kind);
  }

  /** `elapsedMs` is what the thread needed, null where it failed. */
  answered(id: number, elapsedMs: number | null): void {
    const kind = this.#waiting.get(id);
    this.#waiting.delete(id);
    this.#waitedMs = 0;
    if (kind === undefined || elapsedMs === null) return;
    this.#answers.set(kind, [...(this.#answers.get(kind) ?? []), elapsedMs].slice(-REMEMBERED));
  }

  /** Nobody waits for it any more. That says nothing about the thread, which may be at it. */
  cancelled(id: number): void {
    this.#waiting.delete(id);
  }

  /** So much time has passed. Returns the answer that is overdue, if one is. */
  passed(ms: number): OverdueAnswer | null {
    const [kind] = this.#waiting.values();
    if (kind === undefined) {
      this.#waitedMs = 0;
      return null;
    }
    this.#waitedMs += ms;
    const answers = this.#answers.get(kind);
    const slowestMs = answers ? Math.max(...answers) : null;
    const limitMs = slowestMs === null ? FIRST_ANSWER_MS : Math.max(this.#patienceMs, FACTOR * slowestMs);
    return this.#waitedMs > limitMs ? { kind, waitedMs: this.#waitedMs, slowestMs } : null;
  }
}
