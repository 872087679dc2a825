import type { HangGuard } from '#threads';
import type { ReplicaSetup, ReplicaSnapshot } from '#training';
import type { Device } from '../device/device.js';

export interface OpenWorkOptions {
  readonly workerId: string;
  readonly device: Device;
  /** What happens when an engine hangs. */
  readonly guard: HangGuard;
  readonly onSkipped: (sample: { readonly path: string; readonly reason: string }) => void;
  /** Called for everything that was opened, in that order, also when opening fails half-way. */
  readonly onClose: (close: () => Promise<unknown>) => void;
}

/** What a replica needs of its worker for one plan, besides leases, exchange and reports. */
export interface OpenedWork extends Pick<ReplicaSetup, 'layout' | 'evaluation'> {
  readonly ports: Pick<ReplicaSetup['ports'], 'engines' | 'batches' | 'checkpoints'>;
  /** The state that the plan says to begin with. */
  start(): ReplicaSnapshot;
}
