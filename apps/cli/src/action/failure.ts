import { RefusedInputError, printable, printableLines } from '#contracts';
import { ProblemError, UnexpectedAnswerError, UnreachableError } from '../api-client/api-errors.js';
import { EXIT, type ExitCode } from './exit-codes.js';

type Fault = { readonly path: string; readonly message: string };

/** How a command ends that could not do its work. */
export interface Failure {
  readonly exitCode: ExitCode;
  /** Lines for a person. */
  readonly text: string;
  /** The same for `--json`. */
  readonly json: { readonly error: string; readonly status?: number; readonly faults: readonly Fault[] };
}

/** Turns whatever a command threw into words and an exit code. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof ProblemError) {
    const faults = error.problem.errors ?? [];
    const { status } = error.problem;
    const hint = status === 401 ? '\ngive the key in SKIPLANE_API_KEY or by --api-key' : '';
    return {
      exitCode: exitCodeOf(status),
      text: withFaults(`${error.message}${hint}`, faults),
      json: { error: error.message, status, faults },
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof RefusedInputError) {
    return {
      exitCode: EXIT.refused,
      text: withFaults(message, error.faults),
      json: { error: message, faults: error.faults },
    };
  }
  const isOutside = error instanceof UnreachableError || error instanceof UnexpectedAnswerError;
  return {
    exitCode: isOutside ? EXIT.unreachable : EXIT.runFailed,
    text: printableLines(message),
    json: { error: message, faults: [] },
  };
}

function exitCodeOf(status: number): ExitCode {
  if (status === 404 || status === 409 || status === 410) return EXIT.notFound;
  return status >= 500 || status === 429 ? EXIT.unreachable : EXIT.refused;
}

function withFaults(message: string, faults: readonly Fault[]): string {
  // What the message tells already is not told twice.
  const lines = faults
    .filter((fault) => !message.includes(fault.message))
    .map(
      (fault) => `  ${printable(fault.path || '(whole)')}: ${printableLines(fault.message).replaceAll('\n', '\n    ')}`,
    );
  return [printableLines(message), ...lines].join('\n');
}
