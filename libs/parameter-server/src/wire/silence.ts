/** An answer may take so many times as long as the longest of late before its absence counts. */
const FACTOR = 2;
/** What is left of the longest answer's time after a question: half of it after 14 s, where one is asked five times in 2 s. */
const FADING = 0.98;

/**
 * When a peer counts as gone: after some patience in which nothing was heard of it, or, on a slow line, after twice the
 * time that its answers take. There a question waits behind megabytes, and TCP itself is silent for seconds after losses.
 * Times are milliseconds of one clock that never goes back.
 */
export class Silence {
  readonly #patienceMs: number;
  #heardAt: number;
  /** Of the question whose answer is waited for. */
  #askedAt: number | null = null;
  #answerMs = 0;

  constructor(patienceMs: number, now: number) {
    this.#patienceMs = patienceMs;
    this.#heardAt = now;
  }

  /** Bytes came, whatever they say: an answer that did not come until now takes at least as long. */
  heard(now: number): void {
    this.#heardAt = now;
    if (this.#askedAt !== null) this.#answerMs = Math.max(this.#answerMs, now - this.#askedAt);
  }

  /** A question is sent: its time is its name. */
  asked(now: number): void {
    this.#askedAt ??= now;
    this.#answerMs *= FADING;
  }

  /** Answers come in the order of questions; what was asked before this one is answered by nobody. */
  answered(askedAt: number): void {
    if (this.#askedAt !== null && askedAt >= this.#askedAt) this.#askedAt = null;
  }

  /** For how long nothing was heard, where that is too long. */
  tooLong(now: number): number | null {
    const silentMs = now - this.#heardAt;
    return silentMs > Math.max(this.#patienceMs, FACTOR * this.#answerMs) ? silentMs : null;
  }
}
