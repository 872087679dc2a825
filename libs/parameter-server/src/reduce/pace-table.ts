import type { MemberPace, Pace } from '#contracts';

interface Word {
  readonly workerId: string;
  readonly round: number;
  readonly pace: Pace;
}

/** The paces of one round, by worker. */
export interface RoundPaces {
  readonly round: number;
  readonly paces: readonly MemberPace[];
}

/**
 * When everybody's pushes of the round in flight came in, by the one clock that sees them all. Counted from the root
 * before it, so it holds the way of that root to the worker, its work, and the way of its pushes back.
 */
export class PaceTable {
  #round = -1;
  #startedAt: number | null = null;
  readonly #paces = new Map<string, MemberPace>();
  /** When the last two roots went out: that of a round may do so before the first word on it is in. */
  #roots: readonly { readonly round: number; readonly at: number }[] = [];

  /** A root, or a range of one, goes out for the first time. */
  rootSent(round: number, now: number): void {
    const [last] = this.#roots;
    if (round < (last?.round ?? 0)) return;
    this.#roots = [{ round, at: now }, ...this.#roots.filter((root) => root.round < round).slice(0, 1)];
  }

  /** Takes a worker's word that it is through with a round. Returns the round before it, where this begins a later one. */
  handedIn({ workerId, round, pace }: Word, now: number): RoundPaces | null {
    if (round < this.#round) return null;
    const over = round > this.#round && this.#paces.size > 0 ? this.#taken() : null;
    if (round > this.#round) {
      this.#round = round;
      this.#paces.clear();
      this.#startedAt = this.#roots.find((root) => root.round === round - 1)?.at ?? null;
    }
    const arrivedMs = this.#startedAt === null ? null : now - this.#startedAt;
    this.#paces.set(workerId, { workerId, ...pace, arrivedMs });
    return over;
  }

  #taken(): RoundPaces {
    return { round: this.#round, paces: [...this.#paces.values()] };
  }
}
