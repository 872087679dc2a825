import { setTimeout as delay } from 'node:timers/promises';
import { RecoverableError, RefusedInputError, RunFaultError } from '#contracts';
import { errorCode } from '#files';
import { StoreAccessError } from '../store-errors.js';
import { AnswerError } from './transport.js';

/** How long a server is waited for, and how often it is asked. */
export interface Limits {
  /** From a request to the first byte of its answer. */
  readonly firstByteMs: number;
  /** From one piece of a body to the next. */
  readonly idleMs: number;
  /** Requests in a row that brought nothing. */
  readonly numAttempts: number;
  /** Before the second attempt; doubles with each, with a random part. */
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
}

/** With these a server that is down is given up after some two minutes at the earliest: a restart or a failover fits in. */
export const USUAL_LIMITS: Limits = {
  firstByteMs: 30_000,
  idleMs: 30_000,
  numAttempts: 10,
  firstDelayMs: 250,
  longestDelayMs: 30_000,
};

/** Answers that may be others soon. 400 is among them only as what S3 says of an upload or a download that came too slowly. */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);
const PASSING_CODES = new Set(['RequestTimeout', 'RequestTimeTooSkewed', 'SlowDown', 'InternalError']);
const EXPIRED_CODES = new Set(['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired', 'RequestExpired']);
/** Keys that the server knew before may have been replaced since. */
const UNKNOWN_CODES = new Set(['InvalidAccessKeyId', 'InvalidToken']);
/** A certificate that does not fit will not fit at the next attempt. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET_ISSUER)/;

/** Counts the failures of one call and waits between its attempts. */
export class Patience {
  readonly #limits: Limits;
  /** The address, for messages. */
  readonly #shown: string;
  readonly #renew: () => void;
  #numFailures = 0;
  #numRenewals = 0;

  constructor(limits: Limits, shown: string, renew: () => void) {
    this.#limits = limits;
    this.#shown = shown;
    this.#renew = renew;
  }

  /** Something came: what follows is counted anew. */
  progressed(): void {
    this.#numFailures = 0;
    this.#numRenewals = 0;
  }

  /** Waits until it is time for the next attempt; throws where there is to be none. */
  async afterFailure(error: unknown, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (mayBeRenewed(error) && this.#numRenewals === 0) {
      this.#numRenewals += 1;
      this.#renew();
      return;
    }
    const refusal = refusalOf(error, this.#shown);
    if (refusal !== undefined) throw refusal;
    if (!mayPass(error)) throw error;
    this.#numFailures += 1;
    if (this.#numFailures >= this.#limits.numAttempts) {
      const words = `${this.#shown}: gave up after ${this.#numFailures} attempts: ${wordsOf(error)}`;
      throw new RecoverableError(words, { cause: error });
    }
    await delay(this.#delayMs(error), undefined, signal ? { signal } : {});
  }

  /** Half of it is random, so that many that failed at once do not come back at once. */
  #delayMs(error: unknown): number {
    const { firstDelayMs, longestDelayMs } = this.#limits;
    const grownMs = Math.min(longestDelayMs, firstDelayMs * 2 ** (this.#numFailures - 1));
    const ownMs = (grownMs * (1 + Math.random())) / 2;
    const askedMs = error instanceof AnswerError ? (error.retryAfterMs ?? 0) : 0;
    return Math.max(ownMs, Math.min(askedMs, 10 * longestDelayMs));
  }
}

function mayBeRenewed(error: unknown): boolean {
  return error instanceof AnswerError && (EXPIRED_CODES.has(error.code) || UNKNOWN_CODES.has(error.code));
}

/** What no later attempt would change. */
function refusalOf(error: unknown, shown: string): StoreAccessError | undefined {
  if (error instanceof StoreAccessError) return error;
  const code = errorCode(causeOf(error)) ?? errorCode(error) ?? '';
  if (CERTIFICATE.test(code))
    return new StoreAccessError(`${shown}: the server's certificate is not trusted (${code})`, { cause: error });
  if (!(error instanceof AnswerError)) return undefined;
  if (EXPIRED_CODES.has(error.code))
    return new StoreAccessError(`${shown}: the credentials have expired (${error.code})`, { cause: error });
  if (UNKNOWN_CODES.has(error.code))
    return new StoreAccessError(`${shown}: the store does not know the credentials (${error.code})`, { cause: error });
  if (error.code === 'NoSuchBucket') return new StoreAccessError(`${shown}: there is no such bucket`, { cause: error });
  if ((error.status !== 401 && error.status !== 403) || PASSING_CODES.has(error.code)) return undefined;
  return new StoreAccessError(`${shown}: ${error.message}: these credentials have no right to it`, { cause: error });
}

/** Answers by their number; whatever the network says may pass. */
function mayPass(error: unknown): boolean {
  if (error instanceof RunFaultError || error instanceof RefusedInputError) return false;
  if (!(error instanceof AnswerError)) return true;
  return PASSING.has(error.status) || PASSING_CODES.has(error.code);
}

function wordsOf(error: unknown): string {
  const cause = causeOf(error);
  return cause === undefined ? messageOf(error) : `${messageOf(error)}: ${messageOf(cause)}`;
}

/** An error of fetch says little, its cause says what happened. Not by instanceof, as in `errorCode`. */
function causeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'cause' in error ? error.cause : undefined;
}

function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}
