import { CoordinatorLeaseTakenError } from '#queue';
import type { Logger } from '#telemetry';
import type { RedisLink } from '../redis/redis-link.js';
import { LockLostError } from '#files';
import type { DiskWatch } from './disk-watch.js';
import type { OpenFaults } from './open-faults.js';

/** What is done over and over; each is tried again after it has failed. */
export type Loop = 'scheduling' | 'saving' | 'studies' | 'reports' | 'removals' | 'retention';

const WHAT_FAILS: Readonly<Record<Loop, string>> = {
  scheduling: 'runs and workers cannot be looked after',
  saving: 'the record cannot be saved',
  studies: 'studies cannot be looked after',
  removals: 'what is left of deleted runs cannot be taken away',
  retention: 'runs whose time has come cannot be deleted',
  reports: "the workers' reports cannot be taken in",
};

/** Kinds of faults in which no run can get further, or not have it written down. */
const CONCERN_ALL_RUNS: ReadonlySet<string> = new Set(['redis', 'scheduling', 'disk']);

export interface LoopFaultsParts {
  readonly faults: OpenFaults;
  readonly disk: Pick<DiskWatch, 'observe'>;
  readonly redis: Pick<RedisLink, 'whyItFails'>;
  readonly logger: Logger;
  /** Another coordinator has the data folder. */
  readonly onReplaced: (error: LockLostError) => void;
}

/** The faults of the coordinator's loops: open from a loop's failure to its next success, and logged when they are news. */
export class LoopFaults {
  readonly #parts: LoopFaultsParts;

  constructor(parts: LoopFaultsParts) {
    this.#parts = parts;
  }

  failed(loop: Loop, error: unknown): void {
    const { faults, disk, redis: link, logger, onReplaced } = this.#parts;
    if (disk.observe(error)) return;
    if (error instanceof LockLostError) {
      onReplaced(error);
      return;
    }
    // Saving has nothing to do with Redis, whatever is wrong with it meanwhile.
    const redis = loop === 'saving' ? undefined : link.whyItFails(error);
    const isOfRedis = redis !== undefined || error instanceof CoordinatorLeaseTakenError;
    const kind = loop === 'scheduling' && isOfRedis ? 'redis' : loop;
    const why = redis ?? (error instanceof CoordinatorLeaseTakenError ? error.message : String(error));
    const message = `${WHAT_FAILS[loop]}: ${why}`;
    if (faults.raise({ kind, message })) logger.error({ event: 'loop-failed', loop, err: error }, message);
  }

  worked(loop: Loop): void {
    this.#parts.faults.clear(loop);
    if (loop === 'scheduling') this.#parts.faults.clear('redis');
  }

  /** What keeps all runs from being looked after; null where nothing does. */
  get whyRunsWait(): string | null {
    const fault = this.#parts.faults.list().find(({ kind }) => CONCERN_ALL_RUNS.has(kind));
    return fault?.message ?? null;
  }
}
