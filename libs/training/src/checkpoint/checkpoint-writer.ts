import type { Checkpoint } from '#contracts';
import { buffersOfState, type ReplicaState } from '#engine';
import { RequestThread } from '#threads';
import type { CheckpointPort } from '../training-work/training-ports.js';
import type { CheckpointPosition, CheckpointTarget } from './checkpoint-files.js';
import type { CheckpointAnswers, CheckpointRequest } from './checkpoint-thread.js';

/** Writes checkpoints in a thread of its own, one after the other. */
export class CheckpointWriter implements CheckpointPort {
  readonly #thread: RequestThread<CheckpointRequest, CheckpointAnswers>;

  constructor(target: CheckpointTarget) {
    const url = new URL('./checkpoint-thread.js', import.meta.url);
    this.#thread = new RequestThread({ url, name: 'checkpoint', data: target });
  }

  /** Takes the state's buffers. `directory`: in place of the target's. Rejects with what `writeCheckpoint` throws, and when the thread ended or hangs. */
  async write(state: ReplicaState, position: CheckpointPosition, directory?: string): Promise<Checkpoint> {
    const request = { kind: 'write', state, position, ...(directory !== undefined && { directory }) } as const;
    return (await this.#thread.request(request, { transfer: buffersOfState(state) })).value;
  }

  /** Ends the thread; a write under way is lost, its half-written folder is never seen as a checkpoint. */
  async close(): Promise<void> {
    await this.#thread.close();
  }
}
