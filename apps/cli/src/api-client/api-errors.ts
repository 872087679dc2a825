import type { Problem } from '#contracts';

/** The coordinator answered with problem details (RFC 9457) or another error status. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  constructor(readonly problem: Problem) {
    super(`${problem.title}: ${problem.detail ?? `HTTP status ${problem.status}`}`);
  }
}

/** Nobody answers at the coordinator's address, or it stopped answering. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
  /** What was sent may have been taken: only the answer is missing. */
  readonly mayHaveArrived: boolean;

  constructor(
    message: string,
    { mayHaveArrived = true, ...options }: ErrorOptions & { mayHaveArrived?: boolean } = {},
  ) {
    super(message, options);
    this.mayHaveArrived = mayHaveArrived;
  }
}

/** Something answers, but not with what this version of Skiplane understands, or with damaged bytes. */
export class UnexpectedAnswerError extends Error {
  override readonly name = 'UnexpectedAnswerError';
}
