import type { Fault } from '#contracts';

/** What holds for all faults of a kind. */
export interface FaultKind {
  readonly severity: Fault['severity'];
  /** The coordinator is not ready while such a fault is open: probes take it out of service. */
  readonly blocksReadiness: boolean;
  /** What an operator does about it. */
  readonly advice: string;
}

/** All kinds of faults. .docs/faults.md explains each; a new one is a line here and there. */
export const FAULT_KINDS = {
  disk: {
    severity: 'error',
    blocksReadiness: true,
    advice: 'make room on the disk of SKIPLANE_DATA_DIR, or raise its quota; nothing has to be started again',
  },
  data: {
    severity: 'error',
    blocksReadiness: true,
    advice: 'let the user of the coordinator write to SKIPLANE_DATA_DIR',
  },
  redis: {
    severity: 'error',
    blocksReadiness: true,
    advice: 'see to the Redis of REDIS_URL (`skiplane doctor` examines it); runs go on by themselves when it is back',
  },
  scheduling: {
    severity: 'error',
    blocksReadiness: true,
    advice: "see the coordinator's log (`skiplane logs coordinator`); it is tried again every second",
  },
  saving: {
    severity: 'error',
    blocksReadiness: true,
    advice: "see the coordinator's log (`skiplane logs coordinator`); it is tried again every second",
  },
  studies: {
    severity: 'error',
    blocksReadiness: true,
    advice: "see the coordinator's log (`skiplane logs coordinator`); it is tried again every second",
  },
  removals: {
    severity: 'warning',
    blocksReadiness: false,
    advice:
      'let the user of the coordinator delete in SKIPLANE_DATA_DIR and SKIPLANE_CHECKPOINT_DIR; it is tried again every second',
  },
  retention: {
    severity: 'warning',
    blocksReadiness: false,
    advice: 'see `skiplane retention` and the log of the coordinator; it is tried again every minute',
  },
  reports: {
    severity: 'error',
    blocksReadiness: true,
    advice: 'see the coordinator’s log (`skiplane logs coordinator`); reports wait in Redis and none is lost',
  },
} as const satisfies Readonly<Record<string, FaultKind>>;
export type FaultKindName = keyof typeof FAULT_KINDS;
