import { submissionSchema, type Submission } from '#contracts';
import { ProblemError, UnreachableError } from './api-errors.js';

export interface SubmissionOptions {
  /** Is told in words what is done as long as there is no run yet. */
  readonly onProgress?: ((message: string) => void) | undefined;
  /** Ends the asking; what was submitted goes on. */
  readonly signal?: AbortSignal | undefined;
}

/** How a submission is sent and asked for; each throws as the client does. */
export interface SubmissionPorts {
  readonly idempotencyKey: string;
  post(): Promise<Response>;
  /** Throws ProblemError 404 where the coordinator has begun anew and does not know it. */
  submission(id: string): Promise<Submission>;
  get(path: string): Promise<Response>;
  /** Before the first repetition; it grows threefold each time. */
  readonly retryDelayMs: number;
}

/** Tries where nothing can have arrived: a coordinator that has just been started. */
const NUM_TRIES = 3;
/** A coordinator that is away for so long is not on its way back. */
const GIVE_UP_MS = 120_000;
const LONGEST_PAUSE_MS = 2_000;
const POLL_MS = 500;
/** Of a proxy: what it passed on may have been taken. */
const GATEWAY_STATUSES: readonly number[] = [502, 504];

/**
 * Sends a submission until it is known what became of it, and gives the answer that shows what was made. It is sent again
 * under its key where an answer was lost: it may have been taken. A refusal is thrown as ProblemError.
 */
export async function sendSubmission(ports: SubmissionPorts, options: SubmissionOptions): Promise<Response> {
  for (;;) {
    const response = await persistently(ports, options, () => ports.post());
    if (response.status !== 202) return response;
    let submission: Submission | null = submissionSchema.parse(await response.json());
    while (submission?.state === 'preparing') {
      options.onProgress?.(submission.message);
      await pause(Math.min(POLL_MS, ports.retryDelayMs * 10), options.signal);
      const id: string = submission.id;
      submission = await persistently<Submission | null>(ports, options, () =>
        ports.submission(id).catch(nullWhereUnknown),
      );
    }
    if (submission === null) continue;
    const { problem, location } = submission;
    if (problem !== null) throw new ProblemError(problem);
    if (location !== null) return persistently(ports, options, () => ports.get(location));
  }
}

async function persistently<T>(
  { idempotencyKey, retryDelayMs }: SubmissionPorts,
  { onProgress, signal }: SubmissionOptions,
  ask: () => Promise<T>,
): Promise<T> {
  let mayHaveArrived = false;
  const since = performance.now();
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      if (signal?.aborted === true || !canPass(error)) throw error;
      mayHaveArrived ||= error instanceof UnreachableError ? error.mayHaveArrived : isOfGateway(error);
      if (!mayHaveArrived && tries >= NUM_TRIES) throw error;
      if (performance.now() - since > GIVE_UP_MS) {
        const words = error instanceof Error ? error.message : String(error);
        throw new UnreachableError(
          `${words}; it may have been taken: sent again with --idempotency-key ${idempotencyKey} it is found, not doubled`,
          { cause: error },
        );
      }
      if (mayHaveArrived) onProgress?.('no answer, asking again under the same key');
      await pause(Math.min(LONGEST_PAUSE_MS, retryDelayMs * 3 ** (tries - 1)), signal);
    }
  }
}

function canPass(error: unknown): boolean {
  if (error instanceof UnreachableError) return true;
  return error instanceof ProblemError && (error.problem.status === 503 || isOfGateway(error));
}

function isOfGateway(error: unknown): boolean {
  return error instanceof ProblemError && GATEWAY_STATUSES.includes(error.problem.status);
}

function nullWhereUnknown(error: unknown): null {
  if (error instanceof ProblemError && error.problem.status === 404) return null;
  throw error;
}

async function pause(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(done, delayMs);
    signal?.addEventListener('abort', done);
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      if (signal?.aborted === true) reject(signal.reason as Error);
      else resolve();
    }
  });
}
