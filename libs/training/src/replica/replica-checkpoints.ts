import {
  roundPosition,
  stepsBefore,
  type Checkpoint,
  type CommitMemory,
  type ScheduleState,
  type TimelineNumbers,
} from '#contracts';
import type { ReplicaPorts, ReplicaSnapshot } from './replica-ports.js';

const FINISH_RETRY_MS = 5_000;

/** Checkpoints of one replica, written one after the other in the background. A fault is reported, training goes on. */
export class ReplicaCheckpoints {
  readonly #numbers: TimelineNumbers;
  readonly #ports: Pick<ReplicaPorts, 'engines' | 'checkpoints' | 'reports'>;
  readonly #commits: () => CommitMemory;
  #last: Promise<void> = Promise.resolve();

  constructor(
    numbers: TimelineNumbers,
    ports: Pick<ReplicaPorts, 'engines' | 'checkpoints' | 'reports'>,
    commits: () => CommitMemory,
  ) {
    this.#numbers = numbers;
    this.#ports = ports;
    this.#commits = commits;
  }

  /**
   * The state is asked for at once, so it is that of `round` whatever the engines are given next; the rest waits for the
   * checkpoint before it and for `stepsTold`: a run that goes on from it must not lack the steps before it, whoever
   * dies now. Settles when it is written or given up.
   */
  write(round: number, schedule: ScheduleState, stepsTold: Promise<void>): Promise<void> {
    const reading = this.#ports.engines.readState();
    this.#last = Promise.all([reading, this.#last, stepsTold])
      .then(async ([state]) => void (await this.#put({ state, round, schedule })))
      .catch((error: unknown) =>
        this.#ports.reports.note(
          'error',
          'checkpoint',
          `checkpoint at ${describeRound(this.#numbers, round)} was not written: ${messageOf(error)}`,
        ),
      );
    return this.#last;
  }

  /** Settles when nothing is being written. */
  settled(): Promise<void> {
    return this.#last;
  }

  /** The last one of a run. A run without its weights is not finished: tries until there is room, or `isGivenUp`. */
  async finish(round: number, schedule: ScheduleState, isGivenUp: () => boolean): Promise<Checkpoint | null> {
    await this.#last;
    while (!isGivenUp()) {
      try {
        return await this.#put({ state: await this.#ports.engines.readState(), round, schedule });
      } catch (error) {
        const message = `the last checkpoint was not written, trying again: ${messageOf(error)}`;
        this.#ports.reports.note('error', 'checkpoint', message);
        await new Promise((resolve) => setTimeout(resolve, FINISH_RETRY_MS));
      }
    }
    return null;
  }

  async #put({ state, round, schedule }: ReplicaSnapshot): Promise<Checkpoint> {
    const step = stepsBefore(this.#numbers, round);
    const checkpoint = await this.#ports.checkpoints.write(state, { round, step, schedule, commits: this.#commits() });
    this.#ports.reports.checkpoint(checkpoint);
    return checkpoint;
  }
}

/** `step 12`, or `evaluation after epoch 3`, for messages. */
export function describeRound(numbers: TimelineNumbers, round: number): string {
  const position = roundPosition(numbers, round);
  return position.kind === 'train' ? `step ${position.stepsDone}` : `evaluation after epoch ${position.epoch + 1}`;
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
