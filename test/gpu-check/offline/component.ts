/** What is packed together, because it changes together. */
export interface Component {
  readonly name: string;
  /** The same as long as the same is in it: its parts are then kept as they are. Null: made anew each time. */
  readonly key: string | null;
  /** Where its files are. */
  readonly from: string;
  /** Files and folders, relative to `from`. */
  readonly paths: readonly string[];
  /** Their place below the folder that it is unpacked to. */
  readonly to: string;
  /** Patterns of tar's that leave files out. */
  readonly without: readonly string[];
}

/** What the packing may use. */
export interface PackContext {
  /** The checkout. */
  readonly root: string;
  /** For what is fetched and built on the way; kept, so that the next pack is quick. */
  readonly workFolder: string;
  readonly note: (line: string) => void;
  readonly signal: AbortSignal;
}
