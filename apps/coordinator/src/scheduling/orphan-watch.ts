import type { WorkerHeartbeat } from '#contracts';
import type { LiveRun } from '../runs/live-run.js';
import { holdsState } from './schedule-input.js';

/** Lanes that nobody drives although workers are ready for them. */
export interface Orphans {
  readonly round: number;
  readonly lanes: readonly number[];
}

/** A lease changes hands within a second; one that nobody has taken for so long is not to be had. */
export const ORPHANED_AFTER_MS = 5_000;

/**
 * Finds lanes whose shard the queue takes for done while the run stands before its rounds: those who completed it died
 * with what they had made of it, or Redis remembers what nobody else does.
 */
export class OrphanWatch {
  readonly #seen = new Map<string, { readonly key: string; readonly since: number }>();

  /** Orphans that have stood still for a while, by the heartbeats; told again after as long. */
  observe(run: LiveRun, workers: readonly WorkerHeartbeat[], now: number): Orphans | null {
    const { id, incarnation, spec } = run.record;
    const ready = workers.filter((worker) => holdsState(worker, { id, incarnation }));
    const round = Math.max(-1, ...ready.map((worker) => worker.round ?? -1));
    const driven = new Set(ready.flatMap(({ lanes }) => lanes));
    const lanes = Array.from({ length: spec.lanes }, (_, lane) => lane).filter((lane) => !driven.has(lane));
    if (round < 0 || lanes.length === 0) {
      this.#seen.delete(id);
      return null;
    }
    const key = `${incarnation} ${round} ${lanes.join()}`;
    const held = this.#seen.get(id);
    if (held?.key !== key) this.#seen.set(id, { key, since: now });
    if (held?.key !== key || now - held.since < ORPHANED_AFTER_MS) return null;
    this.#seen.set(id, { key, since: now });
    return { round, lanes };
  }
}
