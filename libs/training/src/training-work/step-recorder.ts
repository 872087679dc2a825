import type { Evaluation, StepMetrics } from '#contracts';
import { freeMemory, vectorDigest } from '#vectors';
import type { CommitLog } from './commit-log.js';

/**
 * Enters commits into the log in their order, each step as soon as the digest of its root is known. Nothing on the step
 * path waits for that: the engine computes the next step meanwhile.
 */
export class StepRecorder {
  readonly #log: CommitLog;
  readonly #isLeader: () => boolean;
  #last: Promise<void> = Promise.resolve();

  constructor(log: CommitLog, isLeader: () => boolean) {
    this.#log = log;
    this.#isLeader = isLeader;
  }

  /** Takes the root, or its digest where there was none; rejects only by a bug. */
  step(metrics: Omit<StepMetrics, 'digest'>, root: Float32Array | string): Promise<void> {
    const digest = typeof root === 'string' ? root : digestOf(root);
    this.#last = this.#last.then(async () => this.#log.step({ ...metrics, digest: await digest }, this.#isLeader()));
    return this.#last;
  }

  evaluation(evaluation: Evaluation): Promise<void> {
    this.#last = this.#last.then(() => this.#log.evaluation(evaluation, this.#isLeader()));
    return this.#last;
  }

  /** Has everything reported that was given so far. */
  async flush(): Promise<void> {
    await this.#last;
    this.#log.flush(this.#isLeader());
  }
}

async function digestOf(root: Float32Array): Promise<string> {
  // Not in this turn of the event loop: first the engine is given the next step.
  await new Promise((resolve) => setImmediate(resolve));
  const digest = await vectorDigest(root);
  freeMemory(root);
  return digest;
}
