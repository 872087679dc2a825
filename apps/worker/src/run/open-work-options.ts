import type { Report, ReportOrigin, ShardCacheState } from '#contracts';
import type { IndexAccess } from '#dataset';
import type { StoreSettings } from '#stores';
import type { HangGuard } from '#threads';
import type { Device } from '../device/device.js';

/** What opening the work of a plan needs of its worker. */
export interface OpenWorkOptions {
  readonly origin: ReportOrigin;
  readonly report: (report: Report) => void;
  readonly device: Device;
  /** Where indexes of data sets come from. */
  readonly indexes: IndexAccess;
  /** How this host reaches stores. */
  readonly stores: StoreSettings;
  /** Where this host has the data set. Undefined: where the run says. */
  readonly datasetPath: string | undefined;
  /** A folder of this host's disk for checkpoints on their way to a store. */
  readonly staging: string;
  /** Gradients are to be had stage by stage. */
  readonly isStaged: boolean;
  /** What happens when an engine hangs. */
  readonly guard: HangGuard;
  /** How much of the data set is in this host's shard cache, where it is fetched. */
  readonly onCache: (state: ShardCacheState) => void;
  readonly onSkipped: (sample: { readonly path: string; readonly reason: string }) => void;
  /** Called for everything that was opened, in that order, also when opening fails half-way. */
  readonly onClose: (close: () => Promise<unknown>) => void;
}
