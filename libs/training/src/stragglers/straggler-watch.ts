import type { ParticipantTimes, WorkerTimes } from '#contracts';
import { INITIAL_STRAGGLER_STATE, reduceStragglers, stragglerReport } from './straggler-reducer.js';

/** The coordinator is told at once who is slow now or no longer, and how fast everybody is once in so long. */
const TELL_EVERY_MS = 1_000;

/** The leader's eye on the times of all workers. */
export class StragglerWatch {
  #state = INITIAL_STRAGGLER_STATE;
  #toldAt = -Infinity;
  #told = '';

  /** Takes in how long a training step took every participant; returns what is to be told, if anything. */
  take(step: number, participants: readonly ParticipantTimes[], now: number): readonly WorkerTimes[] | null {
    this.#state = reduceStragglers(this.#state, step, participants);
    const workers = stragglerReport(this.#state);
    const slow = workers.flatMap(({ workerId, slowness }) => (slowness ? [workerId] : [])).join();
    if (workers.length === 0 || (slow === this.#told && now - this.#toldAt < TELL_EVERY_MS)) return null;
    this.#told = slow;
    this.#toldAt = now;
    return workers;
  }
}
