import type { WorkerHeartbeat } from '#contracts';
import type { Refusal } from '../../scheduling/refusals.js';
import type { FaultObserver } from '../fault-observer.js';
import type { FaultFound } from '../open-faults.js';

export interface WorkerFaultsInput {
  /** As they are shown, with clocks by the coordinator's. */
  readonly workers: readonly WorkerHeartbeat[];
  /** Who refuses which unfinished run. */
  readonly refusals: readonly Refusal[];
  /** Ids under which something lies that is no heartbeat. */
  readonly notUnderstood: readonly string[];
  /** Of this coordinator. */
  readonly version: string;
}

/** What is wrong with workers by their own words: refusals, devices, clocks, versions. */
export function workerObserver(input: () => WorkerFaultsInput): FaultObserver {
  return {
    kinds: ['worker-refuses', 'worker-device', 'worker-clock', 'worker-version'],
    look: () => workerFaults(input()),
  };
}

export function workerFaults({ workers, refusals, notUnderstood, version }: WorkerFaultsInput): FaultFound[] {
  return [
    ...refusals.map(({ workerId, runId, reason }): FaultFound => {
      const message = `worker ${workerId} refuses run ${runId}: ${reason}`;
      return { kind: 'worker-refuses', subject: workerId, message };
    }),
    ...workers.flatMap((worker) => faultsOf(worker, version)),
    ...notUnderstood.map((workerId): FaultFound => {
      const message = `worker ${workerId} speaks of itself in words that this coordinator (${version}) does not understand`;
      return { kind: 'worker-version', subject: workerId, message };
    }),
  ];
}

function faultsOf({ workerId, host, ...worker }: WorkerHeartbeat, version: string): FaultFound[] {
  const found: FaultFound[] = [];
  if (worker.status === 'refused' && worker.runId === null) {
    const message = `worker ${workerId} on ${host} has no device: ${worker.reason ?? 'it gives no reason'}`;
    found.push({ kind: 'worker-device', subject: workerId, message });
  }
  if (worker.clockOffsetMs !== undefined) {
    const [seconds, where] = [
      Math.round(Math.abs(worker.clockOffsetMs) / 1_000),
      worker.clockOffsetMs > 0 ? 'ahead' : 'behind',
    ];
    const message = `the clock of worker ${workerId} on ${host} is ${seconds} s ${where}`;
    found.push({ kind: 'worker-clock', subject: workerId, message });
  }
  if (worker.version !== version) {
    const message = `worker ${workerId} on ${host} is of version ${worker.version ?? 'unknown'}, the coordinator of ${version}`;
    found.push({ kind: 'worker-version', subject: workerId, message });
  }
  return found;
}
