import type { Operation } from './operation.js';

/** Brings a program that is no Debian package. Says why not where that cannot be done here; undefined: it is there. */
export type Part = (say: (line: string) => void) => Promise<string | undefined>;

/** Something that operators do, or that befalls them, with real programs around a real stack. */
export interface Scenario {
  /** Kebab-case, as `--only` takes it. */
  readonly name: string;
  /** What is shown, in one line. */
  readonly about: string;
  /** Debian packages whose programs it starts; where one cannot be had the scenario is skipped. */
  readonly packages: readonly string[];
  /** What else it starts; where one cannot be had the scenario is skipped. */
  readonly parts?: readonly Part[];
  /** Throws where something is not as it should be. What it started through `operation` is stopped afterwards. */
  run(operation: Operation): Promise<void>;
}
