import type { RunSpec } from '#contracts';
import type { DatasetScans, TellProgress } from './dataset-scans.js';
import type { InspectedDataset } from './scan-messages.js';

/** Looks at each data set once, however many specs name it. */
export class DatasetInspections {
  readonly #scans: DatasetScans;
  readonly #tell: TellProgress;
  readonly #held = new Map<string, Promise<InspectedDataset>>();

  constructor(scans: DatasetScans, tell: TellProgress = () => undefined) {
    this.#scans = scans;
    this.#tell = tell;
  }

  of(spec: RunSpec): Promise<InspectedDataset> {
    const key = JSON.stringify(spec.dataset);
    const inspection = this.#held.get(key) ?? this.#scans.inspect(spec.dataset, this.#tell);
    this.#held.set(key, inspection);
    return inspection;
  }
}
