import type { ParticipantTimes, RoundTimes } from '#contracts';

interface Word {
  readonly workerId: string;
  readonly round: number;
  readonly times: RoundTimes;
}

/** How long a round took every participant. */
export interface TimesOfRound {
  readonly round: number;
  readonly participants: readonly ParticipantTimes[];
}

/**
 * When everybody's pushes of the round in flight came in, by the one clock that sees them all. Counted from the root
 * before it, so it holds the way of that root to the worker, its work, and the way of its pushes back.
 */
export class RoundTimesTable {
  #round = -1;
  #startedAt: number | null = null;
  readonly #participants = new Map<string, ParticipantTimes>();
  /** When the last two roots went out: that of a round may do so before the first word on it is in. */
  #roots: readonly { readonly round: number; readonly at: number }[] = [];

  /** A root, or a range of one, goes out for the first time. */
  rootSent(round: number, now: number): void {
    const [last] = this.#roots;
    if (round < (last?.round ?? 0)) return;
    this.#roots = [{ round, at: now }, ...this.#roots.filter((root) => root.round < round).slice(0, 1)];
  }

  /** Takes a worker's word that it is through with a round. Returns the round before it, where this begins a later one. */
  handedIn({ workerId, round, times }: Word, now: number): TimesOfRound | null {
    if (round < this.#round) return null;
    const over = round > this.#round && this.#participants.size > 0 ? this.#taken() : null;
    if (round > this.#round) {
      this.#round = round;
      this.#participants.clear();
      this.#startedAt = this.#roots.find((root) => root.round === round - 1)?.at ?? null;
    }
    const arrivedMs = this.#startedAt === null ? null : now - this.#startedAt;
    this.#participants.set(workerId, { workerId, ...times, arrivedMs });
    return over;
  }

  #taken(): TimesOfRound {
    return { round: this.#round, participants: [...this.#participants.values()] };
  }
}
