import type { SkiplaneClient } from '../../api-client/skiplane-client.js';

export interface LocalStackOptions {
  readonly workers: number;
  readonly dataDir: string;
  readonly apiKey?: string;
}

/** What a study needs of the machine it is started on; tests give their own. */
export interface StudyPlatform {
  /** Gets TensorFlow and Redis where they are missing. */
  provision(note: (line: string) => void, signal: AbortSignal): Promise<void>;
  /** Draws the shapes data set where it is not there yet; returns its absolute path. */
  drawShapes(dataDirectory: string, note: (line: string) => void, signal: AbortSignal): Promise<string>;
  /** Starts Redis, coordinator, parameter servers and workers; resolves when the coordinator answers. */
  startStack(
    options: LocalStackOptions,
    note: (line: string) => void,
    signal: AbortSignal,
  ): Promise<{ readonly client: SkiplaneClient } & AsyncDisposable>;
}
