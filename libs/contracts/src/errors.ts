/** The input was refused: says what was expected, what came and what to do. Nothing was changed. */
export class RefusedInputError extends Error {
  override readonly name = 'RefusedInputError';
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
