import { RefusedInputError } from '#contracts';
import { causeOf, messageOf } from '../remote/error-words.js';
import { StoreAccessError } from '../store-errors.js';
import type { StoredObject } from '../store.js';
import {
  AnswerError,
  parseRetryAfter,
  totalOf,
  type Answer,
  type ListPage,
  type RangeRequest,
  type Transport,
} from '../remote/transport.js';

/** Compressed, a range would be one of the compressed bytes. */
const HEADERS = { 'accept-encoding': 'identity', 'user-agent': 'skiplane' };
const NOTHING: AsyncIterable<Uint8Array> = (async function* (): AsyncGenerator<Uint8Array> {
  // An answer without a body.
})();

interface HttpRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Files of a web server, by ranges (RFC 9110, 14). */
export class HttpTransport implements Transport {
  readonly kind = 'http';
  /** @param location ends in '/' */
  constructor(readonly location: string) {}

  async head(path: string, signal: AbortSignal): Promise<StoredObject | null> {
    const answer = await this.#fetch(path, { method: 'HEAD', signal });
    if (answer.status === 404 || answer.status === 410) return null;
    if (answer.status !== 405 && answer.status !== 501) {
      if (!answer.ok) throw await refused(answer);
      const length = answer.headers.get('content-length');
      if (length !== null) return objectOf(path, answer, Number(length));
    }
    // Some servers know no HEAD, or no length for it: the first byte's answer says how many there are.
    const first = await this.#fetch(path, { headers: { range: 'bytes=0-0' }, signal });
    await first.body?.cancel();
    if (first.status === 404 || first.status === 410) return null;
    if (first.status === 416) return objectOf(path, first, totalOf(first.headers.get('content-range')) ?? 0);
    if (!first.ok) throw await refused(first);
    const sizeBytes = sizeOf(first);
    if (sizeBytes === undefined)
      throw new RefusedInputError(`${this.location}${path}: the server does not say its size`);
    return objectOf(path, first, sizeBytes);
  }

  async get(path: string, { offset, end }: RangeRequest, signal: AbortSignal): Promise<Answer> {
    const isWhole = offset === 0 && end === undefined;
    const headers = isWhole ? {} : { range: `bytes=${offset}-${end === undefined ? '' : end - 1}` };
    const answer = await this.#fetch(path, { headers, signal });
    if (!answer.ok) throw await refused(answer);
    if (answer.status !== 206 && offset > 0) {
      await answer.body?.cancel();
      throw new RefusedInputError(`${this.location}${path}: the server does not send parts of files (no ranges)`);
    }
    const sizeBytes = sizeOf(answer);
    return { version: versionOf(answer, sizeBytes), sizeBytes, body: answer.body ?? NOTHING };
  }

  list(): Promise<ListPage> {
    throw new RefusedInputError(
      `${this.location}: a web server cannot list its files. Data sets that name theirs need no list: webdataset with ` +
        `names such as {000..146}.tar, manifest, parquet with the names of its files.`,
    );
  }

  renew(): void {
    // It has no credentials.
  }

  close(): void {
    // Connections end by themselves when they idle.
  }

  async #fetch(path: string, { method = 'GET', headers = {}, signal }: HttpRequest): Promise<Response> {
    const address = this.location + path.split('/').map(encodeURIComponent).join('/');
    const answer = await fetch(address, { method, headers: { ...HEADERS, ...headers }, signal }).catch(
      (error: unknown) => {
        throw redirectionFault(error, address) ?? error;
      },
    );
    if (!isPageInstead(answer)) return answer;
    await answer.body?.cancel();
    throw new StoreAccessError(
      `${address}: the server sends a page of ${new URL(answer.url).host} in place of the file, as for a login`,
    );
  }
}

/** A file that needs a login is often answered with where that is, and then with its page. */
function isPageInstead({ ok, redirected, headers, url }: Response): boolean {
  const isPage = headers.get('content-type')?.startsWith('text/html') === true;
  return ok && redirected && isPage && !/\.html?$/i.test(new URL(url).pathname);
}

/** What fetch says of redirections that no later attempt would follow. */
const REDIRECTIONS: Readonly<Record<string, string>> = {
  'redirect count exceeded': 'the server sends round in circles',
  'URL scheme must be a HTTP(S) scheme': 'the server sends to an address that is not http(s)',
};

function redirectionFault(error: unknown, address: string): StoreAccessError | undefined {
  const words = REDIRECTIONS[messageOf(causeOf(error))];
  return words === undefined ? undefined : new StoreAccessError(`${address}: ${words}`, { cause: error });
}

function sizeOf(answer: Response): number | undefined {
  if (answer.status === 206) return totalOf(answer.headers.get('content-range'));
  const length = answer.headers.get('content-length');
  return length === null ? undefined : Number(length);
}

/** Servers without ETags tell the time of the last change, or nothing: then the size must do. */
function versionOf({ headers }: Response, sizeBytes: number | undefined): string {
  return headers.get('etag') ?? headers.get('last-modified') ?? `${sizeBytes ?? 'unknown'} bytes`;
}

function objectOf(path: string, answer: Response, sizeBytes: number): StoredObject {
  return { kind: 'object', path, sizeBytes, version: versionOf(answer, sizeBytes) };
}

/** Where it was sent elsewhere, that is who refuses. */
async function refused(answer: Response): Promise<AnswerError> {
  await answer.body?.cancel();
  const retryAfterMs = parseRetryAfter(answer.headers.get('retry-after'), Date.now());
  const code = answer.redirected ? `${answer.statusText} by ${new URL(answer.url).host}` : answer.statusText;
  return new AnswerError(answer.status, code.trim(), retryAfterMs);
}
