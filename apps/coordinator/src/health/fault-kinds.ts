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
  'disk-space': {
    severity: 'warning',
    blocksReadiness: false,
    advice: 'delete runs that nobody needs (`skiplane rm`), or make room otherwise, before the disk is full',
  },
  'checkpoint-folder': {
    severity: 'error',
    blocksReadiness: false,
    advice: 'let the users of coordinator and workers write to SKIPLANE_CHECKPOINT_DIR',
  },
  'redis-rights': {
    severity: 'error',
    blocksReadiness: false,
    advice: 'grant the user of REDIS_URL what libs/queue/README.md lists',
  },
  'redis-eviction': {
    severity: 'warning',
    blocksReadiness: false,
    advice: 'set maxmemory-policy noeviction: what is thrown away is written again, and runs stand still meanwhile',
  },
  'redis-memory': {
    severity: 'warning',
    blocksReadiness: false,
    advice: 'raise maxmemory, or find out what else lies in this Redis: a full one takes no reports',
  },
  'redis-persistence': {
    severity: 'warning',
    blocksReadiness: false,
    advice: "see Redis' log; its disk may be full",
  },
  'worker-refuses': {
    severity: 'warning',
    blocksReadiness: false,
    advice: 'do what the reason names; the worker is asked again every 30 s',
  },
  'worker-device': {
    severity: 'warning',
    blocksReadiness: false,
    advice: 'run `skiplane doctor` on its host, or start fewer workers; it looks again by itself',
  },
  'worker-clock': {
    severity: 'warning',
    blocksReadiness: false,
    advice: 'set the clock of its host (NTP); nothing is decided by it, but times in its log are wrong',
  },
  'worker-version': {
    severity: 'warning',
    blocksReadiness: false,
    advice: 'start it again from the version of the coordinator',
  },
  'crash-loop': {
    severity: 'error',
    blocksReadiness: false,
    advice: 'see the end of its log (`skiplane logs NAME`, or `docker compose logs`); exit code 137 is want of memory',
  },
  'parameter-server': {
    severity: 'warning',
    blocksReadiness: false,
    advice: 'start it, or correct SKIPLANE_PARAMETER_SERVERS; the other servers do its work meanwhile',
  },
  'parameter-server-version': {
    severity: 'warning',
    blocksReadiness: false,
    advice: 'start it again from the version of the coordinator',
  },
  'unreadable-records': {
    severity: 'warning',
    blocksReadiness: false,
    advice: 'restore the files from a backup, or start the Skiplane that wrote them; nothing touches them',
  },
  'run-waits': {
    severity: 'warning',
    blocksReadiness: false,
    advice: 'start workers that fit it, change the run, or cancel it',
  },
} as const satisfies Readonly<Record<string, FaultKind>>;
export type FaultKindName = keyof typeof FAULT_KINDS;
