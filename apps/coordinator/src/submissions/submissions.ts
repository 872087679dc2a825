import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Submission } from '#contracts';
import type { Logger } from '#telemetry';
import type { TellProgress } from '../datasets/dataset-scans.js';
import { CLOCK, DURATIONS, LOGGER, type Durations } from '../config/settings.js';
import { DiskWatch } from '../health/disk-watch.js';
import { problem, ProblemException, problemOf } from '../http/problem.js';

/** What is submitted. */
export type Submitted = Pick<Submission, 'kind' | 'name'>;

/** How a request ends: with what was made of it, or with a submission that is still looked at. */
export type Taken<T> = { readonly result: T } | { readonly underWay: Submission };

/** Those that are over stay to be asked for. */
const KEEP_OVER = 100;

/**
 * Submissions that take long: nobody has to keep a request open for one, and none depends on who asked for it. A request
 * waits for a moment, then is answered with the submission, which goes on and says how it has ended.
 */
@Injectable()
export class Submissions {
  readonly #disk: DiskWatch;
  readonly #answerMs: number;
  readonly #clock: () => number;
  readonly #logger: Logger;
  readonly #held = new Map<string, Submission>();

  constructor(
    disk: DiskWatch,
    @Inject(DURATIONS) { answerMs }: Durations,
    @Inject(CLOCK) clock: () => number,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#disk = disk;
    this.#answerMs = answerMs;
    this.#clock = clock;
    this.#logger = logger;
  }

  /**
   * Does the work, and gives its result or throws its error where that comes soon. `locationOf`: where the result is found.
   * `hasAskerGone`: nobody was there to read the answer.
   */
  async take<T>(
    what: Submitted,
    work: (tell: TellProgress) => Promise<T>,
    { locationOf, hasAskerGone }: { locationOf: (result: T) => string; hasAskerGone: () => boolean },
  ): Promise<Taken<T>> {
    const id = randomUUID();
    const base = { id, ...what, submittedAt: this.#clock(), location: null, problem: null };
    this.#held.set(id, { ...base, state: 'preparing', message: 'is looked at' });
    let isAnswered = false;
    const ended = work((message) => this.#change(id, { message })).then(
      (result) => {
        this.#change(id, { state: 'accepted', message: 'accepted', location: locationOf(result) });
        return result;
      },
      (error: unknown) => {
        const known = problemOf(error);
        if (isAnswered) this.#disk.observe(error);
        if (isAnswered && known === undefined) {
          this.#logger.error({ event: 'submission-failed', err: error }, 'a submission failed by a fault here');
        }
        const why = known ?? problem(500, 'a fault of the coordinator; its log says more');
        this.#change(id, { state: 'refused', message: why.detail ?? why.title, problem: why });
        throw error;
      },
    );
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), this.#answerMs);
    });
    try {
      const first = await Promise.race([ended.then((result) => ({ result })), late]);
      const submission = this.#held.get(id);
      if (first !== 'late' || submission === undefined) {
        if (!hasAskerGone()) this.#held.delete(id);
        return first === 'late' ? { result: await ended } : first;
      }
      isAnswered = true;
      // What becomes of it is said by the submission.
      ended.catch(() => undefined);
      return { underWay: submission };
    } catch (error) {
      if (!hasAskerGone()) this.#held.delete(id);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Throws a problem where there is none, or none any more. */
  find(id: string): Submission {
    const submission = this.#held.get(id);
    if (submission === undefined) throw new ProblemException(problem(404, `there is no submission ${id}`));
    return submission;
  }

  /** Newest first. */
  list(): Submission[] {
    return [...this.#held.values()].toReversed();
  }

  #change(id: string, changes: Partial<Submission>): void {
    const submission = this.#held.get(id);
    if (submission === undefined || submission.state !== 'preparing') return;
    this.#held.set(id, { ...submission, ...changes });
    const over = [...this.#held.values()].filter(({ state }) => state !== 'preparing');
    for (const { id: oldest } of over.slice(0, -KEEP_OVER)) this.#held.delete(oldest);
  }
}
