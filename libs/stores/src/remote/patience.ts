import { setTimeout as delay } from 'node:timers/promises';
import { RecoverableError, RefusedInputError, RunFaultError } from '#contracts';
import { errorCode } from '#files';
import { StoreAccessError } from '../store-errors.js';
import { meaningOf, type Meaning } from './answers.js';
import { causeOf, wordsOf } from './error-words.js';
import { AnswerError, type Transport } from './transport.js';

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

/** A certificate that does not fit will not fit at the next attempt. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET_ISSUER)/;

/** Counts the failures of one call and waits between its attempts. */
export class Patience {
  readonly #limits: Limits;
  /** The address, for messages. */
  readonly #shown: string;
  readonly #transport: Pick<Transport, 'kind' | 'renew'>;
  #numFailures = 0;
  #numRenewals = 0;

  constructor(limits: Limits, shown: string, transport: Pick<Transport, 'kind' | 'renew'>) {
    this.#limits = limits;
    this.#shown = shown;
    this.#transport = transport;
  }

  /** Something came: what follows is counted anew. */
  progressed(): void {
    this.#numFailures = 0;
    this.#numRenewals = 0;
  }

  /** Waits until it is time for the next attempt; throws where there is to be none. */
  async afterFailure(error: unknown, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    const meaning = error instanceof AnswerError ? meaningOf(error, this.#transport.kind) : undefined;
    if (meaning?.outcome === 'renews' && this.#numRenewals === 0) {
      this.#numRenewals += 1;
      this.#transport.renew();
      return;
    }
    const refusal = refusalOf(error, this.#shown, meaning);
    if (refusal !== undefined) throw refusal;
    if (!mayPass(error, meaning)) throw error;
    this.#numFailures += 1;
    if (this.#numFailures >= this.#limits.numAttempts) {
      const words = `${this.#shown}: gave up after ${this.#numFailures} attempts: ${wordsOf(error)}${meaning === undefined ? '' : `: ${meaning.words}`}`;
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

/** What no later attempt would change. */
function refusalOf(error: unknown, shown: string, meaning: Meaning | undefined): StoreAccessError | undefined {
  if (error instanceof StoreAccessError) return error;
  const code = errorCode(causeOf(error)) ?? errorCode(error) ?? '';
  if (CERTIFICATE.test(code))
    return new StoreAccessError(`${shown}: the server's certificate is not trusted (${code})`, { cause: error });
  if (!(error instanceof AnswerError) || meaning === undefined || meaning.outcome === 'waits') return undefined;
  const words = meaning.words === '' ? '' : `: ${meaning.words}`;
  return new StoreAccessError(`${shown}: ${error.message}${words}`, { cause: error });
}

/** Answers as the table has it; whatever the network says may pass. */
function mayPass(error: unknown, meaning: Meaning | undefined): boolean {
  if (error instanceof RunFaultError || error instanceof RefusedInputError) return false;
  return !(error instanceof AnswerError) || meaning?.outcome === 'waits';
}
