import { WORKER_TTL_MS } from '#queue';
import type { Logger } from '#telemetry';
import type { LockLostError } from '#files';
import type { CoordinatorConfig } from './coordinator.config.js';

/** What the coordinator is started with. */
export interface Settings {
  readonly config: CoordinatorConfig;
  readonly logger: Logger;
  /** Another coordinator has taken the data folder over: this process must end, and write nothing any more. */
  readonly onReplaced: (error: LockLostError) => void;
}

/** Token of the CoordinatorConfig. */
export const CONFIG = Symbol('config');
/** Token of the Logger. */
export const LOGGER = Symbol('logger');
/** Token of `Settings.onReplaced`. */
export const ON_REPLACED = Symbol('onReplaced');
/** Token of the clock on the wall, `() => number`: milliseconds since 1970. It may be set while all runs. */
export const CLOCK = Symbol('clock');

/** How long the coordinator's parts wait. */
export interface Durations {
  /** Between two looks at runs, workers and studies. */
  readonly tickMs: number;
  /** Between two looks for faults. */
  readonly faultLookMs: number;
  /** A worker without a new heartbeat for so long is gone. */
  readonly workerTtlMs: number;
  /** Longest wait for a worker's prediction: a large network has to be loaded first. */
  readonly predictionMs: number;
  /** A request that submits is answered after so long at the latest: clients and proxies wait for longer. */
  readonly answerMs: number;
  /** Between two looks for runs that the retention deletes. */
  readonly retentionMs: number;
  /** The clock has to go steadily for so long before the retention believes it. */
  readonly steadyMs: number;
}

/** Token of the Durations. */
export const DURATIONS = Symbol('durations');
export const USUAL_DURATIONS: Durations = {
  tickMs: 1_000,
  faultLookMs: 5_000,
  workerTtlMs: WORKER_TTL_MS,
  predictionMs: 60_000,
  answerMs: 5_000,
  retentionMs: 60_000,
  steadyMs: 600_000,
};
