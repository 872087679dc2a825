import type { WireEvent, WireTap } from './wire-tap.js';

/** Sees on the wire when rounds are committed: the first worker that has the whole root of a round has the commit. */
export class CommitWatch {
  /** Elements that a worker has of a round's root, by where they begin: a piece may come twice. */
  readonly #deliveries = new Map<string, Map<number, number>>();
  readonly #commits = new Map<number, number>();
  readonly #stop: () => void;
  #waiters: { readonly after: number; readonly resolve: (commit: { round: number; at: number }) => void }[] = [];

  constructor(tap: WireTap) {
    this.#stop = tap.observe((event) => this.#see(event));
  }

  /** The latest committed round, -1 before the first. */
  get round(): number {
    return Math.max(-1, ...this.#commits.keys());
  }

  /** Milliseconds between the last commits: how long a round takes now. */
  get roundMs(): number {
    const times = [...this.#commits.values()].slice(-6);
    const spans = times.slice(1).map((time, index) => time - (times[index] ?? time));
    return spans.length === 0 ? 100 : spans.reduce((sum, span) => sum + span, 0) / spans.length;
  }

  /** Settles with the next commit of a round after this one. */
  next(after: number, timeoutMs: number): Promise<{ readonly round: number; readonly at: number }> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`no commit after round ${after} within ${timeoutMs} ms`)),
        timeoutMs,
      );
      this.#waiters.push({
        after,
        resolve: (commit) => {
          clearTimeout(timer);
          resolve(commit);
        },
      });
    });
  }

  close(): void {
    this.#stop();
  }

  #see({ type, stage, round, elements, workerId }: WireEvent): undefined {
    if (type !== 'root' || stage !== 'end' || round === null || elements === null || this.#commits.has(round)) return;
    const key = `${round} ${workerId}`;
    const pieces = this.#deliveries.get(key) ?? new Map<number, number>();
    this.#deliveries.set(key, pieces.set(elements.lo, elements.hi - elements.lo));
    if ([...pieces.values()].reduce((sum, size) => sum + size, 0) < elements.length) return;
    const at = performance.now();
    this.#commits.set(round, at);
    for (const old of this.#deliveries.keys()) if (Number(old.split(' ')[0]) < round - 4) this.#deliveries.delete(old);
    const served = this.#waiters.filter(({ after }) => round > after);
    this.#waiters = this.#waiters.filter(({ after }) => round <= after);
    for (const { resolve } of served) resolve({ round, at });
  }
}
