import type { StoreEntry, StoredObject } from '../store.js';

/** By what a store is asked, as far as it decides on what an answer means. */
export type StoreKind = 'http' | 's3' | 's3-anonymous';

/** Bytes of an object from `offset` on. */
export interface Answer {
  readonly version: string;
  /** Of the whole object; undefined where the server does not say. */
  readonly sizeBytes: number | undefined;
  readonly body: AsyncIterable<Uint8Array>;
}

export interface RangeRequest {
  readonly offset: number;
  /** First byte that is not wanted; undefined: to the end. */
  readonly end: number | undefined;
  /** The version that is wanted. A transport may leave the comparison to its caller. */
  readonly version: string | undefined;
}

export interface ListPage {
  readonly entries: readonly StoreEntry[];
  /** Where the next page begins; undefined: this was the last. */
  readonly next: string | undefined;
}

export interface ListRequest {
  readonly folder: string;
  readonly isRecursive: boolean;
  readonly from: string | undefined;
}

/**
 * One request to a server, once: no repetition and no time limit. Rejects with AnswerError for an answer that is no success,
 * and with whatever the network says.
 */
export interface Transport {
  readonly kind: StoreKind;
  readonly location: string;
  head(path: string, signal: AbortSignal): Promise<StoredObject | null>;
  get(path: string, range: RangeRequest, signal: AbortSignal): Promise<Answer>;
  list(request: ListRequest, signal: AbortSignal): Promise<ListPage>;
  /** Credentials were refused as expired: finds them anew before the next request. */
  renew(): void;
  close(): void;
}

/** An upload in parts that was begun. */
export interface Upload {
  readonly path: string;
  readonly id: string;
}

/** What a transport does whose server can be written to; each request once, as in Transport. */
export interface WritingTransport extends Transport {
  /** An object of one request, whole or not there. */
  put(path: string, bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  /** One that is not there is no fault. */
  remove(path: string, signal: AbortSignal): Promise<void>;
  beginUpload(path: string, signal: AbortSignal): Promise<Upload>;
  /** Parts are numbered from 1. Resolves with what `endUpload` is to name the part by. */
  putPart(
    upload: Upload,
    part: { readonly number: number; readonly bytes: Uint8Array },
    signal: AbortSignal,
  ): Promise<string>;
  /** Makes the object of the parts, by their names in order. */
  endUpload(upload: Upload, parts: readonly string[], signal: AbortSignal): Promise<void>;
  abortUpload(upload: Upload, signal: AbortSignal): Promise<void>;
}

/** A server answered, and not with what was asked for. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError';
  constructor(
    readonly status: number,
    /** The server's words: `SlowDown`, `Not Found`. */
    readonly code: string,
    /** How long the server asks to be left alone. */
    readonly retryAfterMs: number | undefined,
    options?: ErrorOptions,
  ) {
    super(`answered ${status}${code === '' ? '' : ` ${code}`}`, options);
  }
}

/** Retry-After: seconds, or a date (RFC 9110, 10.2.3). */
export function parseRetryAfter(text: string | null | undefined, now: number): number | undefined {
  if (text === null || text === undefined || text.trim() === '') return undefined;
  const waitMs = /^\s*\d+\s*$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isFinite(waitMs) ? Math.max(0, waitMs) : undefined;
}

/** Total of `bytes 0-99/1234`. */
export function totalOf(contentRange: string | null | undefined): number | undefined {
  const total = /\/(\d+)$/.exec(contentRange ?? '')?.[1];
  return total === undefined ? undefined : Number(total);
}
