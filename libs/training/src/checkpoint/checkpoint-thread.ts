/** Entry of the checkpoint thread: encodes, hashes and writes, so that neither the control nor an engine waits for a disk. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Checkpoint } from '#contracts';
import type { ReplicaState } from '#engine';
import { writeCheckpoint, type CheckpointPosition, type CheckpointTarget } from './checkpoint-files.js';

export interface CheckpointRequest {
  readonly id: number;
  readonly state: ReplicaState;
  readonly position: CheckpointPosition;
}

export type CheckpointReply =
  { readonly id: number; readonly checkpoint: Checkpoint } | { readonly id: number; readonly message: string };

const port = parentPort;
if (!port) throw new Error('checkpoint-thread runs as a worker thread only');
const target = workerData as CheckpointTarget;

port.on('message', ({ id, state, position }: CheckpointRequest) => {
  try {
    port.postMessage({ id, checkpoint: writeCheckpoint(target, state, position) } satisfies CheckpointReply);
  } catch (error) {
    port.postMessage({ id, message: error instanceof Error ? error.message : String(error) } satisfies CheckpointReply);
  }
});
