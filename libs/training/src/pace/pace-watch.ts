import type { MemberPace, WorkerPace } from '#contracts';
import { INITIAL_PACE_STATE, reducePaces, workerPaces } from './pace-reducer.js';

/** The coordinator is told at once who is slow now or no longer, and how fast everybody is once in so long. */
const TELL_EVERY_MS = 1_000;

/** The leader's eye on the pace of all workers. */
export class PaceWatch {
  #state = INITIAL_PACE_STATE;
  #toldAt = -Infinity;
  #told = '';

  /** Takes in a training step's paces; returns what is to be told, if anything. */
  take(step: number, paces: readonly MemberPace[], now: number): readonly WorkerPace[] | null {
    this.#state = reducePaces(this.#state, step, paces);
    const workers = workerPaces(this.#state);
    const slow = workers.flatMap(({ workerId, slowness }) => (slowness ? [workerId] : [])).join();
    if (workers.length === 0 || (slow === this.#told && now - this.#toldAt < TELL_EVERY_MS)) return null;
    this.#told = slow;
    this.#toldAt = now;
    return workers;
  }
}
