import type { AnswerError, StoreKind } from './transport.js';

/** What an answer that is no success means. */
export interface Meaning {
  /** `waits`: it may be another soon. `renews`: credentials are looked for anew, once. `refuses`: no later request changes it. */
  readonly outcome: 'waits' | 'renews' | 'refuses';
  /** What the user reads behind the address and the answer. */
  readonly words: string;
}

interface MeaningRow extends Meaning {
  readonly of: readonly StoreKind[];
  /** Codes of the answer, or statuses. */
  readonly answers: readonly (string | number)[];
}

const S3: readonly StoreKind[] = ['s3', 's3-anonymous'];
const ALL: readonly StoreKind[] = ['http', ...S3];

/**
 * What answers mean that are no success; the first row that fits counts. One that no row fits refuses, without words.
 */
const MEANINGS: readonly MeaningRow[] = [
  // S3 says 400 of an upload or a download that came too slowly, and 403 of a clock that is off.
  { of: S3, answers: ['SlowDown', 'RequestTimeout', 'InternalError'], outcome: 'waits', words: 'the store is busy' },
  {
    of: S3,
    answers: ['RequestTimeTooSkewed'],
    outcome: 'waits',
    words: "this machine's clock differs from that of the store",
  },
  {
    of: S3,
    answers: ['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired', 'RequestExpired'],
    outcome: 'renews',
    words: 'the credentials have expired',
  },
  // Keys that the store knew before may have been replaced since.
  {
    of: S3,
    answers: ['InvalidAccessKeyId', 'InvalidToken'],
    outcome: 'renews',
    words: 'the store does not know the credentials',
  },
  {
    of: S3,
    answers: ['SignatureDoesNotMatch'],
    outcome: 'refuses',
    words: 'the secret key does not belong to the access key, or a proxy on the way changes the request',
  },
  { of: S3, answers: ['NoSuchBucket'], outcome: 'refuses', words: 'there is no such bucket' },
  {
    of: S3,
    answers: ['PermanentRedirect', 'AuthorizationHeaderMalformed', 301],
    outcome: 'refuses',
    words: 'the bucket lies in another region: set AWS_REGION',
  },
  { of: ['s3'], answers: [401, 403], outcome: 'refuses', words: 'these credentials have no right to it' },
  {
    of: ['s3-anonymous'],
    answers: [401, 403],
    outcome: 'refuses',
    words: 'the bucket is not public: unset SKIPLANE_S3_ANONYMOUS and give credentials',
  },
  {
    of: ['http'],
    answers: [401],
    outcome: 'refuses',
    words: 'the server wants a login, and Skiplane has none: files of a web server must be public',
  },
  {
    of: ['http'],
    answers: [403],
    outcome: 'refuses',
    words: 'the server refuses this address: the file is not public, or there is none of this name',
  },
  { of: ALL, answers: [407], outcome: 'refuses', words: 'the proxy on the way wants a login' },
  { of: ['http'], answers: [451], outcome: 'refuses', words: 'the server may not show it in this country' },
  {
    of: ['http'],
    answers: [300, 301, 302, 303, 307, 308],
    outcome: 'refuses',
    words: 'the server sends elsewhere and does not say where',
  },
  { of: ['http'], answers: [400, 405, 406, 501], outcome: 'refuses', words: 'the server does not send files this way' },
  { of: S3, answers: [409], outcome: 'waits', words: 'another change of it is under way' },
  { of: ALL, answers: [429], outcome: 'waits', words: 'the server is asked too often' },
  { of: ALL, answers: [408, 425, 503], outcome: 'waits', words: 'the server is busy or down' },
  { of: ALL, answers: [500], outcome: 'waits', words: 'the server has a fault' },
  { of: ALL, answers: [502, 504], outcome: 'waits', words: 'a proxy does not reach the server behind it' },
];

/** Answers that say something about the file, and no more about the way to it: the caller's to judge. */
const OF_FILE: ReadonlySet<number> = new Set([404, 410, 412, 416]);
const NO_WORDS: Meaning = { outcome: 'refuses', words: '' };

/** Undefined where the answer says something about the file. */
export function meaningOf(answer: AnswerError, kind: StoreKind): Meaning | undefined {
  const rows = MEANINGS.filter(({ of }) => of.includes(kind));
  // A code says more than its status.
  return (
    rows.find(({ answers }) => answer.code !== '' && answers.includes(answer.code)) ??
    rows.find(({ answers }) => answers.includes(answer.status)) ??
    (OF_FILE.has(answer.status) ? undefined : NO_WORDS)
  );
}
