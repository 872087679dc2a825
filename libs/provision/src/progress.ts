/** Where provisioning tells what it does. The CLI draws it; tests collect it. */
export interface ProvisionProgress {
  /** One line in plain words: a step begun, or why a way was not taken. */
  info(message: string): void;
  /** Something the user should know although work goes on. */
  warn(message: string): void;
  /** How far the step called `label` is; `totalBytes` is undefined where nobody knows. */
  bytes(label: string, doneBytes: number, totalBytes: number | undefined): void;
}

/** Says nothing. */
export const silentProgress: ProvisionProgress = { info: () => {}, warn: () => {}, bytes: () => {} };
