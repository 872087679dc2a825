/** Entry of the checkpoint thread: encodes, hashes and writes, so that neither the control nor an engine waits for a disk. */
import { workerData } from 'node:worker_threads';
import type { Checkpoint } from '#contracts';
import type { ReplicaState } from '#engine';
import { serveRequests } from '#threads';
import { writeCheckpoint, type CheckpointPosition, type CheckpointTarget } from './checkpoint-files.js';

export interface CheckpointRequest {
  readonly kind: 'write';
  readonly state: ReplicaState;
  readonly position: CheckpointPosition;
  /** The folder to write to; default: the target's. */
  readonly directory?: string;
}

export interface CheckpointAnswers {
  readonly write: Checkpoint;
}

const target = workerData as CheckpointTarget;
serveRequests<CheckpointRequest, Checkpoint>({
  answer: ({ state, position, directory = target.directory }) =>
    writeCheckpoint({ ...target, directory }, state, position),
});
