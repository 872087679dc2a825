import { roundPosition, stepsBefore, type Checkpoint, type CommitMemory, type TimelineNumbers } from '#contracts';
import type { CheckpointPort, EnginePort, RoundMemory, TrainingSnapshot } from './training-ports.js';

const FINISH_RETRY_MS = 5_000;
/** Whoever leaves waits so long for its last checkpoint to reach the store: without it some steps are computed once more. */
const STORE_WAIT_MS = 30_000;

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
   * dies now. Settles when it is written or given up; of one that goes to a store, when it is there or that takes too long.
   */
  write(round: number, memory: RoundMemory, stepsTold: Promise<void>): Promise<void> {
    const { engines, numbers, onFault } = this.#options;
    const reading = engines.readState();
    let stored: Promise<unknown> = Promise.resolve();
    this.#last = Promise.all([reading, this.#last, stepsTold])
      .then(async ([state]) => {
        stored = (await this.#put({ ...memory, state, round })).stored;
      })
      .catch((error: unknown) =>
        onFault(`checkpoint at ${describeRound(numbers, round)} was not written: ${messageOf(error)}`),
      );
    return this.#last.then(() => atMost(STORE_WAIT_MS, stored));
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
        const { stored } = await this.#put({ ...memory, state: await engines.readState(), round });
        return await Promise.race([stored, aborted(signal)]);
      } catch (error) {
        onFault(`the last checkpoint was not written, trying again: ${messageOf(error)}`);
        await new Promise((resolve) => setTimeout(resolve, FINISH_RETRY_MS));
      }
    }
    return null;
  }

  /** `stored`: the checkpoint where others find it, or null. */
  async #put({
    state,
    round,
    schedule,
    validation,
  }: TrainingSnapshot): Promise<{ readonly stored: Promise<Checkpoint | null> }> {
    const { numbers, files, commits, onWritten } = this.#options;
    const step = stepsBefore(numbers, round);
    const written = await files.write(state, { round, step, schedule, validation, commits: commits() });
    if (files.uploads === undefined) {
      onWritten(written);
      return { stored: Promise.resolve(written) };
    }
    const stored = files.uploads.add(written).then((checkpoint) => {
      if (checkpoint !== null) onWritten(checkpoint);
      return checkpoint;
    });
    return { stored };
  }
}

/** `step 12`, or `evaluation after epoch 3`, for messages. */
export function describeRound(numbers: TimelineNumbers, round: number): string {
  const position = roundPosition(numbers, round);
  return position.kind === 'train' ? `step ${position.stepsDone}` : `evaluation after epoch ${position.epoch + 1}`;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function atMost(ms: number, promise: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([promise, new Promise((resolve) => (timer = setTimeout(resolve, ms)))]);
  clearTimeout(timer);
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener('abort', () => resolve(null), { once: true });
  });
}
