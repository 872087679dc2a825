export type JobState = 'waiting' | 'active' | 'completed' | 'failed';

export interface JobData {
  readonly id: string;
  readonly data: unknown;
  readonly priority: number;
  readonly state: JobState;
  /** Of the lock, while active. */
  readonly token: string | null;
  readonly lockedUntil: number;
  /** Of two with the same priority the one with the lower number is taken first. */
  readonly place: number;
}

/** A queue as BullMQ keeps it in Redis: states, priorities, and locks that run out. Jobs are replaced, never changed. */
export class QueueData {
  readonly #now: () => number;
  #jobs = new Map<string, JobData>();
  #places = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** A job whose id is held already, in whatever state, is left as it is. */
  add(id: string, data: unknown, priority: number): void {
    if (this.#jobs.has(id)) return;
    this.#places += 1;
    this.#put({ id, data, priority, state: 'waiting', token: null, lockedUntil: 0, place: this.#places });
  }

  find(id: string): JobData | undefined {
    return this.#jobs.get(id);
  }

  inState(state: JobState): JobData[] {
    return [...this.#jobs.values()].filter((job) => job.state === state);
  }

  /** Hands the first waiting job to the holder of the token. */
  take(token: string, lockMs: number): JobData | null {
    let first: JobData | null = null;
    for (const job of this.#jobs.values()) {
      if (job.state !== 'waiting') continue;
      const isBefore =
        first === null || job.priority < first.priority || (job.priority === first.priority && job.place < first.place);
      if (isBefore) first = job;
    }
    if (first === null) return null;
    return this.#put({ ...first, state: 'active', token, lockedUntil: this.#now() + lockMs });
  }

  /** Throws as BullMQ does where the lock is not the caller's. */
  move(id: string, token: string, state: JobState): void {
    const job = this.#jobs.get(id);
    if (job === undefined) throw refusal(-1, `Missing key for job ${id}`);
    if (job.state !== 'active' || job.lockedUntil < this.#now()) throw refusal(-2, `Missing lock for job ${id}`);
    if (job.token !== token) throw refusal(-6, `Lock mismatch for job ${id}`);
    this.#put({ ...job, state, token: null, place: state === 'waiting' ? -this.#places : job.place });
    this.#places += 1;
  }

  extend(id: string, token: string, lockMs: number): number {
    const job = this.#jobs.get(id);
    if (job?.state !== 'active' || job.token !== token || job.lockedUntil < this.#now()) return 0;
    this.#put({ ...job, lockedUntil: this.#now() + lockMs });
    return 1;
  }

  /** Jobs whose lock ran out wait again. */
  releaseStalled(): void {
    for (const job of this.inState('active'))
      if (job.lockedUntil < this.#now()) this.#put({ ...job, state: 'waiting', token: null });
  }

  retry(id: string): void {
    const job = this.#jobs.get(id);
    if (job) this.#put({ ...job, state: 'waiting', token: null });
  }

  /** Those that nobody has locked. */
  remove(isMeant: (job: JobData) => boolean): void {
    for (const job of this.#jobs.values()) if (job.state !== 'active' && isMeant(job)) this.#jobs.delete(job.id);
  }

  copy(): QueueData {
    const copy = new QueueData(this.#now);
    copy.#jobs = new Map(this.#jobs);
    copy.#places = this.#places;
    return copy;
  }

  #put(job: JobData): JobData {
    this.#jobs.set(job.id, job);
    return job;
  }
}

/** BullMQ's words and number. */
const refusal = (code: number, message: string): Error => Object.assign(new Error(message), { code });
