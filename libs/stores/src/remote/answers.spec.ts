import { describe, expect, it } from '@jest/globals';
import { meaningOf } from './answers.js';
import { AnswerError, type StoreKind } from './transport.js';

const meaning = (kind: StoreKind, status: number, code = '') =>
  meaningOf(new AnswerError(status, code, undefined), kind);

describe('what an answer means', () => {
  it.each<readonly [StoreKind, number, string, string, RegExp]>([
    ['s3', 403, 'AccessDenied', 'refuses', /credentials have no right/],
    ['s3-anonymous', 403, 'AccessDenied', 'refuses', /not public.*SKIPLANE_S3_ANONYMOUS/],
    ['http', 403, 'Forbidden', 'refuses', /server refuses this address/],
    ['http', 401, 'Unauthorized', 'refuses', /wants a login/],
    ['s3', 400, 'ExpiredToken', 'renews', /have expired/],
    ['s3', 403, 'InvalidAccessKeyId', 'renews', /does not know the credentials/],
    ['s3', 403, 'SignatureDoesNotMatch', 'refuses', /secret key/],
    ['s3', 403, 'RequestTimeTooSkewed', 'waits', /clock/],
    ['s3', 404, 'NoSuchBucket', 'refuses', /no such bucket/],
    ['s3', 301, 'PermanentRedirect', 'refuses', /AWS_REGION/],
    ['s3', 400, 'RequestTimeout', 'waits', /busy/],
    ['http', 301, 'Moved Permanently', 'refuses', /does not say where/],
    ['http', 405, 'Method Not Allowed', 'refuses', /does not send files this way/],
    ['http', 407, 'Proxy Authentication Required', 'refuses', /proxy/],
    ['http', 429, 'Too Many Requests', 'waits', /too often/],
    ['http', 500, '', 'waits', /fault/],
    ['s3', 502, '', 'waits', /proxy/],
    ['s3', 503, 'SlowDown', 'waits', /busy/],
    ['http', 418, "I'm a teapot", 'refuses', /^$/],
  ])('%s: %d %s', (kind, status, code, outcome, words) => {
    expect(meaning(kind, status, code)).toMatchObject({ outcome, words: expect.stringMatching(words) });
  });

  it.each([404, 410, 412, 416])('%d is said of the file', (status) => {
    expect([meaning('http', status), meaning('s3', status, 'NoSuchKey')]).toEqual([undefined, undefined]);
  });

  it('never speaks of credentials to who reads from a web server', () => {
    for (let status = 300; status < 600; status += 1)
      expect(meaning('http', status, 'AccessDenied')?.words ?? '').not.toContain('credential');
  });
});
