import { Worker } from 'node:worker_threads';
import { RecoverableError, type Checkpoint } from '#contracts';
import type { ReplicaState } from '#engine';
import { buffersOfState } from '#engine';
import type { CheckpointPort } from '../replica/replica-ports.js';
import type { CheckpointPosition, CheckpointTarget } from './checkpoint-files.js';
import type { CheckpointReply, CheckpointRequest } from './checkpoint-thread.js';

/** Writes checkpoints in a thread of its own, one after the other. */
export class CheckpointWriter implements CheckpointPort {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve(checkpoint: Checkpoint): void; reject(error: Error): void }>();
  #nextId = 0;

  constructor(target: CheckpointTarget) {
    this.#worker = new Worker(new URL('./checkpoint-thread.js', import.meta.url), { workerData: target });
    this.#worker.on('message', (reply: CheckpointReply) => this.#settle(reply));
    this.#worker.on('error', (error) =>
      this.#failAll(new RecoverableError(`the checkpoint thread failed: ${String(error)}`)),
    );
    this.#worker.on('exit', () => this.#failAll(new RecoverableError('the checkpoint thread has ended')));
  }

  write(state: ReplicaState, position: CheckpointPosition): Promise<Checkpoint> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      const request: CheckpointRequest = { id, state, position };
      this.#worker.postMessage(request, buffersOfState(state));
    });
  }

  /** Ends the thread; a write under way is lost, its half-written folder is never seen as a checkpoint. */
  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #settle(reply: CheckpointReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ('checkpoint' in reply) waiting?.resolve(reply.checkpoint);
    else waiting?.reject(new RecoverableError(reply.message));
  }

  #failAll(error: Error): void {
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}
