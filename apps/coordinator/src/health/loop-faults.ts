import { CoordinatorLeaseTakenError } from '#queue';
import type { Logger } from '#telemetry';
import type { OpenFaults } from './open-faults.js';

/** What is done over and over; each is tried again after it has failed. */
export type Loop = 'scheduling' | 'saving' | 'studies' | 'reports';

const WHAT_FAILS: Readonly<Record<Loop, string>> = {
  scheduling: 'runs and workers cannot be looked after',
  saving: 'the record cannot be saved',
  studies: 'studies cannot be looked after',
  reports: "the workers' reports cannot be taken in",
};

/** Kinds of faults in which no run can get further, or not have it written down. */
const CONCERN_ALL_RUNS: ReadonlySet<string> = new Set(['redis', 'scheduling', 'disk']);

/** The faults of the coordinator's loops: open from a loop's failure to its next success, and logged when they are news. */
export class LoopFaults {
  readonly #faults: OpenFaults;
  readonly #logger: Logger;
  readonly #whyRedisFails: (error: unknown) => string | undefined;

  constructor(faults: OpenFaults, logger: Logger, whyRedisFails: (error: unknown) => string | undefined) {
    this.#faults = faults;
    this.#logger = logger;
    this.#whyRedisFails = whyRedisFails;
  }

  failed(loop: Loop, error: unknown): void {
    // Saving has nothing to do with Redis, whatever is wrong with it meanwhile.
    const redis = loop === 'saving' ? undefined : this.#whyRedisFails(error);
    const isOfRedis = redis !== undefined || error instanceof CoordinatorLeaseTakenError;
    const kind = loop === 'scheduling' && isOfRedis ? 'redis' : loop;
    const why = redis ?? (error instanceof CoordinatorLeaseTakenError ? error.message : String(error));
    const message = `${WHAT_FAILS[loop]}: ${why}`;
    if (this.#faults.raise(kind, message)) this.#logger.error({ event: 'loop-failed', loop, err: error }, message);
  }

  worked(loop: Loop): void {
    this.#faults.clear(loop);
    if (loop === 'scheduling') this.#faults.clear('redis');
  }

  /** What keeps all runs from being looked after; null where nothing does. */
  get whyRunsWait(): string | null {
    const fault = this.#faults.list().find(({ kind }) => CONCERN_ALL_RUNS.has(kind));
    return fault?.message ?? null;
  }
}
