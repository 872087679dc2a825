import type { z } from 'zod';
import { COORDINATOR_TIME_HEADER, submissionSchema } from '#contracts';
import { networkCode, parsed, problemOf } from './answers.js';
import { ProblemError, UnreachableError } from './api-errors.js';
import { sendSubmission, type SubmissionOptions } from './send-submission.js';

export interface RestOptions {
  /** Address of the coordinator; a path in front of /v1 is kept. */
  readonly url: string;
  readonly apiKey?: string | undefined;
  /** Longest wait for an answer to begin and, but for streams, to end. Default 15,000. */
  readonly timeoutMs?: number;
  /** Wait before the first retry; it grows threefold each time. Default 200. */
  readonly retryDelayMs?: number;
}

/** Tries of a request that may be repeated: with the default delays it gives up after about 0.8 s of refusals. */
const NUM_TRIES = 3;
/** Nobody was there to take anything. */
const NEVER_SENT: readonly string[] = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'];
const RETRIED_STATUSES: readonly number[] = [502, 503, 504];

interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly signal?: AbortSignal | undefined;
  /** True: the answer may take for ever (events, downloads); the timeout then ends with its headers. */
  readonly isStream?: boolean;
  /** Default: that of the client. */
  readonly timeoutMs?: number;
}

/** Sends requests to a coordinator. Errors are ProblemError, UnreachableError or UnexpectedAnswerError. */
export class RestTransport {
  readonly url: string;
  readonly #apiKey: string | undefined;
  readonly #timeoutMs: number;
  readonly #retryDelayMs: number;
  #clockOffsetMs = 0;

  constructor(options: RestOptions) {
    this.url = options.url.replace(/\/+$/, '');
    this.#apiKey = options.apiKey;
    this.#timeoutMs = options.timeoutMs ?? 15_000;
    this.#retryDelayMs = options.retryDelayMs ?? 200;
  }

  /** The coordinator's clock as of its last answer: ages of what it shows count from here, not from the clock of this machine. */
  now(): number {
    return Date.now() + this.#clockOffsetMs;
  }

  /** Submits something under a key until it is known what became of it. */
  async submitted<T>(
    path: string,
    body: unknown,
    { schema, idempotencyKey, ...options }: SubmissionOptions & { schema: z.ZodType<T>; idempotencyKey: string },
  ): Promise<T> {
    const { signal } = options;
    const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': idempotencyKey };
    const ports = {
      idempotencyKey,
      retryDelayMs: this.#retryDelayMs,
      post: () => this.request(path, { method: 'POST', headers, body: JSON.stringify(body), signal }),
      submission: async (id: string) =>
        parsed(await this.request(`/v1/submissions/${encodeURIComponent(id)}`, { signal }), submissionSchema),
      get: (location: string) => this.request(location, { signal }),
    };
    return parsed(await sendSubmission(ports, options), schema);
  }

  /** A request that may be repeated. */
  async retried(path: string, options: RequestOptions): Promise<Response> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.request(path, options);
      } catch (error) {
        const canPass =
          error instanceof UnreachableError ||
          (error instanceof ProblemError && RETRIED_STATUSES.includes(error.problem.status));
        if (!canPass || tries >= NUM_TRIES || options.signal?.aborted === true) throw error;
        await new Promise((resolve) => setTimeout(resolve, this.#retryDelayMs * 3 ** (tries - 1)));
      }
    }
  }

  /** A request that is sent once. */
  async request(path: string, options: RequestOptions): Promise<Response> {
    const timeout = new AbortController();
    const timeoutMs = options.timeoutMs ?? this.#timeoutMs;
    const timer = setTimeout(() => timeout.abort(), timeoutMs);
    const signals = [timeout.signal, ...(options.signal === undefined ? [] : [options.signal])];
    try {
      const response = await fetch(this.url + path, {
        method: options.method ?? 'GET',
        headers: {
          Accept: 'application/json, application/problem+json',
          ...(this.#apiKey === undefined ? {} : { Authorization: `Bearer ${this.#apiKey}` }),
          ...options.headers,
        },
        ...(options.body === undefined ? {} : { body: options.body }),
        signal: AbortSignal.any(signals),
      });
      const time = Number(response.headers.get(COORDINATOR_TIME_HEADER) ?? Number.NaN);
      if (Number.isFinite(time)) this.#clockOffsetMs = time - Date.now();
      if (!response.ok) throw new ProblemError(await problemOf(response));
      if (options.isStream === true) return response;
      // The body is read here, so that it falls under the same timeout and the same errors.
      return new Response(await response.arrayBuffer(), { status: response.status, headers: response.headers });
    } catch (error) {
      if (error instanceof ProblemError || options.signal?.aborted === true) throw error;
      if (timeout.signal.aborted) {
        throw new UnreachableError(`no answer from ${this.url} within ${timeoutMs / 1000} s`, { cause: error });
      }
      throw new UnreachableError(this.#reachMessage(error), {
        cause: error,
        mayHaveArrived: !NEVER_SENT.includes(networkCode(error)),
      });
    } finally {
      clearTimeout(timer);
    }
  }

  #reachMessage(error: unknown): string {
    const code = networkCode(error);
    if (code === 'ECONNREFUSED') return `no coordinator answers at ${this.url}: start it with npm start`;
    if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `no host of that name: ${this.url}`;
    return `the connection to ${this.url} failed (${code})`;
  }
}
