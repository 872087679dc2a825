import type { WorkerHeartbeat } from '../messages/worker.schema.js';

/** A heartbeat of an idle worker, but for the changes. */
export function heartbeat(changes: Partial<WorkerHeartbeat>): WorkerHeartbeat {
  return {
    workerId: 'w1',
    host: 'test',
    pid: 1,
    device: 'none',
    engines: 1,
    fingerprint: 'f',
    startedAt: 0,
    at: 0,
    status: 'idle',
    reason: null,
    runId: null,
    incarnation: null,
    round: null,
    lanes: [],
    memoryBytes: 1,
    ...changes,
  };
}
