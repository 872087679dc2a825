import type { Problem } from '#contracts';
import { reportAnswer, reportSilence } from './connection.js';

const TIMEOUT_MS = 10_000;
/** Says that a page of the coordinator's own asks: another site's cannot add a header. */
const PAGE = { 'x-skiplane-page': 'dashboard' };
/** COORDINATOR_TIME_HEADER of the contracts, whose code the page does not load. */
const TIME_HEADER = 'skiplane-time';

/** The coordinator answered, and the answer is no. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(
    readonly status: number,
    readonly problem: Problem | null,
  ) {
    super(problem?.detail ?? problem?.title ?? wordsFor(status));
  }
}

/** The coordinator itself says what is wrong in a problem; what comes without one may be a proxy's. */
function wordsFor(status: number): string {
  if (status === 413) return 'A proxy in front of the coordinator takes no body of this size.';
  return `The coordinator answered ${status}.`;
}

/** What is wrong, part by part: the faults that the coordinator names, else the error's own words with an empty path. */
export function faultsOf(error: Error | null): NonNullable<Problem['errors']> {
  if (error === null) return [];
  const named = error instanceof ApiError ? (error.problem?.errors ?? []) : [];
  return named.length > 0 ? named : [{ path: '', message: error.message }];
}

/** Whether the coordinator will say the same again until something else is asked. */
export function isRefusal(error: Error): boolean {
  return error instanceof ApiError && error.status >= 400 && error.status < 500;
}

/** Nothing came back: it is down, restarting, or the network is. */
class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly body?: string | Blob;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Default 10,000. */
  readonly timeoutMs?: number;
}

/**
 * One request for JSON, with a timeout. The path is relative to the page's base, which holds a proxy's prefix.
 * Throws ApiError for an answer outside 2xx and UnreachableError where there is none.
 */
export async function request(path: string, options: RequestOptions = {}): Promise<unknown> {
  const { response, body } = await exchange(path, options);
  if (isGateway(response, body)) {
    reportSilence();
    throw new UnreachableError(`A proxy answered ${response.status}: the coordinator is not reachable.`);
  }
  reportAnswer(response.status === 401 ? 'unauthorised' : 'online', response.headers.get(TIME_HEADER));
  if (!response.ok) throw new ApiError(response.status, isProblem(body) ? body : null);
  return body;
}

async function exchange(path: string, options: RequestOptions): Promise<{ response: Response; body: unknown }> {
  const timeout = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
  try {
    const response = await fetch(path, {
      method: options.method ?? 'GET',
      headers: { accept: 'application/json', ...PAGE, ...options.headers },
      signal: options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]),
      ...(options.body === undefined ? {} : { body: options.body }),
    });
    const text = await response.text();
    return { response, body: parseJson(text) };
  } catch (cause) {
    if (options.signal?.aborted !== true) reportSilence();
    throw new UnreachableError('The coordinator does not answer.', { cause });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // An empty body, or a proxy's error page: both mean that there is nothing to read.
    return null;
  }
}

function isGateway(response: Response, body: unknown): boolean {
  return [502, 503, 504].includes(response.status) && !isProblem(body);
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'title' in body && 'status' in body;
}
