import type { Operation } from './operation.js';

/** Something that operators do, or that befalls them, with real programs around a real stack. */
export interface Scenario {
  /** Kebab-case, as `--only` takes it. */
  readonly name: string;
  /** What is shown, in one line. */
  readonly about: string;
  /** Debian packages whose programs it starts; where one cannot be had the scenario is skipped. */
  readonly packages: readonly string[];
  /** Throws where something is not as it should be. What it started through `operation` is stopped afterwards. */
  run(operation: Operation): Promise<void>;
}
