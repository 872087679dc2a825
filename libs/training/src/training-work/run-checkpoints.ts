import { roundPosition, stepsBefore, type Checkpoint, type CommitMemory, type TimelineNumbers } from '#contracts';
import type { CheckpointPort, EnginePort, RoundMemory, TrainingSnapshot } from './training-ports.js';

const FINISH_RETRY_MS = 5_000;

export interface RunCheckpointsOptions {
  readonly numbers: TimelineNumbers;
  readonly engines: Pick<EnginePort, 'readState'>;
  readonly files: CheckpointPort;
  /** Of the rounds so far, asked for when a checkpoint is written. */
  readonly commits: () => CommitMemory;
  readonly onWritten: (checkpoint: Checkpoint) => void;
  readonly onFault: (message: string) => void;
}

/** Checkpoints of one replica, written one after the other in the background. A fault is reported, training goes on. */
export class RunCheckpoints {
  readonly #options: RunCheckpointsOptions;
  #last: Promise<void> = Promise.resolve();

  constructor(options: RunCheckpointsOptions) {
    this.#options = options;
  }

  /**
   * The state is asked for at once, so it is that of `round` whatever the engines are given next; the rest waits for the
   * checkpoint before it and for `stepsTold`: a run that goes on from it must not lack the steps before it, whoever
   * dies now. Settles when it is written or given up.
   */
  write(round: number, memory: RoundMemory, stepsTold: Promise<void>): Promise<void> {
    const { engines, numbers, onFault } = this.#options;
    const reading = engines.readState();
    this.#last = Promise.all([reading, this.#last, stepsTold])
      .then(async ([state]) => void (await this.#put({ ...memory, state, round })))
      .catch((error: unknown) =>
        onFault(`checkpoint at ${describeRound(numbers, round)} was not written: ${messageOf(error)}`),
      );
    return this.#last;
  }

  /** Settles when nothing is being written. */
  settled(): Promise<void> {
    return this.#last;
  }

  /** The last one of a run. A run without its weights is not finished: tries until there is room, or `signal` aborts. */
  async finish(round: number, memory: RoundMemory, signal: AbortSignal): Promise<Checkpoint | null> {
    const { engines, onFault } = this.#options;
    await this.#last;
    while (!signal.aborted) {
      try {
        return await this.#put({ ...memory, state: await engines.readState(), round });
      } catch (error) {
        onFault(`the last checkpoint was not written, trying again: ${messageOf(error)}`);
        await new Promise((resolve) => setTimeout(resolve, FINISH_RETRY_MS));
      }
    }
    return null;
  }

  async #put({ state, round, schedule, validation }: TrainingSnapshot): Promise<Checkpoint> {
    const { numbers, files, commits, onWritten } = this.#options;
    const step = stepsBefore(numbers, round);
    const checkpoint = await files.write(state, { round, step, schedule, validation, commits: commits() });
    onWritten(checkpoint);
    return checkpoint;
  }
}

/** `step 12`, or `evaluation after epoch 3`, for messages. */
export function describeRound(numbers: TimelineNumbers, round: number): string {
  const position = roundPosition(numbers, round);
  return position.kind === 'train' ? `step ${position.stepsDone}` : `evaluation after epoch ${position.epoch + 1}`;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
