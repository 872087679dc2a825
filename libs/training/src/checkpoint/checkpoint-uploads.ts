import { setTimeout as delay } from 'node:timers/promises';
import type { Checkpoint, RunSpec } from '#contracts';
import type { UploadPort } from '../training-work/training-ports.js';

/** Of those that wait while the store is away, no more stay on this host's disk. */
const MOST_WAITING = 3;
const RETRY_MS = 15_000;

export interface CheckpointUploadsOptions {
  readonly keep: RunSpec['checkpoint']['keep'];
  /** Brings a checkpoint to the store; resolves with its address there. */
  readonly send: (checkpoint: Checkpoint) => Promise<string>;
  /** Removes what lies on this host's disk. */
  readonly discard: (checkpoint: Checkpoint) => Promise<void>;
  /** What a person should read. */
  readonly tell: (level: 'info' | 'error', message: string) => void;
  /** Before what failed is sent again. Default 15 s. */
  readonly retryMs?: number;
}

interface Waiting {
  readonly checkpoint: Checkpoint;
  readonly settle: (stored: Checkpoint | null) => void;
}

/**
 * Brings checkpoints from this host's disk to a store, one after the other. A store that is away costs training nothing: what
 * was written stays on this host's disk and is sent again, the newest ones and the best; older ones are let go of.
 */
export class CheckpointUploads implements UploadPort {
  readonly #options: CheckpointUploadsOptions;
  readonly #closing = new AbortController();
  #waiting: readonly Waiting[] = [];
  #sending: Waiting | null = null;
  #isAway = false;

  constructor(options: CheckpointUploadsOptions) {
    this.#options = options;
  }

  add(checkpoint: Checkpoint): Promise<Checkpoint | null> {
    return new Promise((settle) => {
      if (this.#closing.signal.aborted) return settle(null);
      this.#waiting = [...this.#waiting, { checkpoint, settle }];
      this.#letGo();
      if (this.#sending === null) void this.#work();
    });
  }

  /** Ends all waiting. What lies on this host's disk is left there. */
  close(): void {
    this.#closing.abort();
    for (const { settle } of this.#waiting) settle(null);
    this.#waiting = [];
  }

  async #work(): Promise<void> {
    const { retryMs = RETRY_MS } = this.#options;
    const { signal } = this.#closing;
    for (let [next] = this.#waiting; next !== undefined && !signal.aborted; [next] = this.#waiting) {
      this.#sending = next;
      const isSent = await this.#send(next);
      this.#letGo();
      if (!isSent) await delay(retryMs, undefined, { signal }).catch(() => undefined);
    }
    this.#sending = null;
  }

  async #send(sent: Waiting): Promise<boolean> {
    const { send, discard, tell } = this.#options;
    const { checkpoint, settle } = sent;
    try {
      const directory = await send(checkpoint);
      if (this.#isAway) tell('info', `checkpoints reach their store again: that of step ${checkpoint.step} is there`);
      this.#isAway = false;
      this.#waiting = this.#waiting.filter((one) => one !== sent);
      settle({ ...checkpoint, directory });
      await discard(checkpoint).catch(() => undefined);
      return true;
    } catch (error) {
      if (!this.#isAway && !this.#closing.signal.aborted) {
        const why = error instanceof Error ? error.message : String(error);
        const what = 'it stays on the disk of its worker and is sent again; training goes on';
        tell('error', `the checkpoint of step ${checkpoint.step} has not reached its store: ${why}; ${what}`);
      }
      this.#isAway = true;
      return false;
    } finally {
      this.#sending = null;
    }
  }

  /** Those that newer ones stand for, but what is being sent. */
  #letGo(): void {
    const { keep, discard } = this.#options;
    // The one after an evaluation stands for the one before it.
    const lastOfSteps = this.#waiting.filter(
      ({ checkpoint: { step } }, index, all) => index === all.findLastIndex((one) => one.checkpoint.step === step),
    );
    const newest = lastOfSteps.slice(keep === 'best' ? -1 : -Math.min(keep, MOST_WAITING));
    const best =
      keep === 'best' ? this.#waiting.findLast(({ checkpoint }) => checkpoint.best !== undefined) : undefined;
    for (const one of this.#waiting) {
      if (newest.includes(one) || one === best || one === this.#sending) continue;
      this.#waiting = this.#waiting.filter((other) => other !== one);
      one.settle(null);
      void discard(one.checkpoint).catch(() => undefined);
    }
  }
}
