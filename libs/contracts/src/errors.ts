/** The input was refused: says what was expected, what came and what to do. Nothing was changed. */
export class RefusedInputError extends Error {
  override readonly name: string = 'RefusedInputError';
  constructor(
    message: string,
    /** Every fault found, as path and message. */
    readonly faults: readonly { readonly path: string; readonly message: string }[] = [],
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A peer or a device failed in a way that can pass: the caller decides whether to try again. */
export class RecoverableError extends Error {
  override readonly name = 'RecoverableError';
}

/**
 * The run itself is at fault, so that no other worker would do better: it fails. Whatever else goes wrong is a worker's own
 * trouble: the worker ends, and others take over its lanes.
 */
export class RunFaultError extends Error {
  override readonly name: string = 'RunFaultError';
  /** Whose samples or gradients it was found in, where it is known. */
  lane?: number;
}

/** Loss, gradients or scores that are no numbers, such as those of a run that diverged. */
export class NotFiniteError extends RunFaultError {
  override readonly name = 'NotFiniteError';
}
