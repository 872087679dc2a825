import { RefusedInputError } from '#contracts';

/** What `skiplane demo` was asked for. */
export interface DemoOptions {
  readonly workers: number;
  readonly lanes: number;
  readonly laneBatchSize: number;
  readonly epochs: number;
  readonly parameterServers: number;
  readonly seed: number;
  /** Folder of `train/CLASS/*` and `val/CLASS/*`; without it the shapes data set is made. */
  readonly data?: string;
  /** Port of the coordinator; without it 3000, or any free one where that is taken. */
  readonly port?: number;
  /** Where the coordinator keeps its runs. */
  readonly dataDir: string;
  readonly apiKey?: string;
  readonly json: boolean;
  /** True: the stack runs on after the run until Ctrl-C. */
  readonly keep: boolean;
}

/** Throws RefusedInputError when the options do not go together. */
export function checkDemoOptions(options: DemoOptions): void {
  if (options.lanes >= options.workers) return;
  const message = `${options.lanes} lanes are too few for ${options.workers} workers: each worker drives at least one`;
  throw new RefusedInputError(message, [{ path: '--lanes', message: `expected at least ${options.workers}` }]);
}
