import type { Report, ReportOrigin, Shard } from '#contracts';
import type { GradientExchange } from '#parameter-server';
import type { Logger } from '#telemetry';
import type { RoundWork } from './round-work.js';

/** Lane leases. A store that is away may reject `fetch` and `reclaim`: a lease is no fence. */
export interface LeasePort {
  /** A waiting shard, or null when there is none. */
  fetch(): Promise<{
    readonly leaseId: string;
    readonly shard: Pick<Shard, 'lane' | 'firstRound' | 'numRounds'>;
  } | null>;
  release(leaseId: string): Promise<void>;
  complete(leaseId: string): Promise<void>;
  /** Puts the leases of a dead worker back. */
  reclaim(workerId: string): Promise<unknown>;
}

/** All that a replica is bound to. */
export interface ReplicaSetup {
  readonly origin: ReportOrigin;
  /** What the rounds are for. */
  readonly work: RoundWork;
  /** This worker's place in the all-reduce; roots and participants arrive through the replica's own methods. */
  readonly exchange: GradientExchange;
  readonly leases: LeasePort;
  /** Tells the coordinator. Reports may be sent twice. */
  readonly report: (report: Report) => void;
  /** How long a peer may be silent, milliseconds. Default 2,000. */
  readonly patienceMs?: number;
  /** Lanes that are computed at once. Default 1. */
  readonly numEngines?: number;
  /** Whether sums are pushed part by part while the rest is computed: `auto` where pushes leave this host. Default `off`. */
  readonly overlap?: 'auto' | 'on' | 'off';
  readonly logger: Logger;
  /** Something a heartbeat should tell has changed. */
  readonly onChange: () => void;
  /** An effect failed in a way nobody foresaw: the worker must end, others take its lanes over. */
  readonly onBug: (error: Error) => void;
}
