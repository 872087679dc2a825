import type { DemoData } from './demo-spec.js';
import type { DemoOptions } from './demo-options.js';

/** What the demo needs of the machine it runs on; tests give their own. */
export interface DemoPlatform {
  /** Gets TensorFlow and Redis where they are missing. */
  provision(note: (line: string) => void, signal: AbortSignal): Promise<void>;
  prepareData(options: DemoOptions, note: (line: string) => void, signal: AbortSignal): Promise<DemoData>;
  /** Starts Redis, coordinator, parameter servers and workers; resolves when the coordinator answers. */
  startStack(options: DemoOptions, note: (line: string) => void, signal: AbortSignal): Promise<DemoStack>;
}

/** Processes that run until they are disposed. */
interface DemoStack extends AsyncDisposable {
  /** Address of the coordinator. */
  readonly url: string;
}
