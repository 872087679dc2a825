/** Times the patience that a leaving worker, done with its own part, gives the others for theirs. */
const FACTOR = 2.5;

export interface DrainProgress {
  readonly now: number;
  /** Lanes of the round in flight are still being computed here. */
  readonly isComputing: boolean;
  /** When the last of them was done. */
  readonly computedAt: number;
  /** What they took. */
  readonly ownMs: number;
  /** When something of a root came in last. */
  readonly heardAt: number;
}

/**
 * How long a leaving worker stays for the round in flight. While its own lanes are being computed for as long as that
 * takes: leaving would throw away what others then have to compute again. After that its pushes are with the parameter
 * servers, and the others, who may be leaving as well, get as long as it took itself, and at least some patience, from the last
 * word of theirs on: a slow line takes its time.
 */
export class DrainWatch {
  readonly #patienceMs: number;
  #since: number | null = null;
  #latest = Infinity;

  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  /** `withinMs`: somebody outside ends the process soon after. Asking again makes it no later. */
  begin(now: number, withinMs: number): void {
    this.#since ??= now;
    this.#latest = Math.min(this.#latest, now + withinMs);
  }

  isOver({ now, isComputing, computedAt, ownMs, heardAt }: DrainProgress): boolean {
    if (this.#since === null) return false;
    if (now >= this.#latest) return true;
    return (
      !isComputing && now - Math.max(this.#since, computedAt, heardAt) >= Math.max(FACTOR * this.#patienceMs, ownMs)
    );
  }
}
