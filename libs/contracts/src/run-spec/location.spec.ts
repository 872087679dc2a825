import { describe, expect, it } from '@jest/globals';
import { parseLocation } from './location.js';

describe('a location', () => {
  it.each([
    ['data/shapes', { kind: 'disk', folder: 'data/shapes' }],
    ['/data/a b', { kind: 'disk', folder: '/data/a b' }],
    ['s3://bucket', { kind: 's3', bucket: 'bucket', prefix: '' }],
    ['s3://bucket/', { kind: 's3', bucket: 'bucket', prefix: '' }],
    ['S3://my.bucket/a//b c/', { kind: 's3', bucket: 'my.bucket', prefix: 'a/b c/' }],
    ['https://host:8443/a', { kind: 'http', url: 'https://host:8443/a/' }],
    ['http://127.0.0.1/', { kind: 'http', url: 'http://127.0.0.1/' }],
  ])('%s is understood', (text, location) => expect(parseLocation(text)).toEqual(location));

  it.each([
    ['ftp://host/a', 'ftp:// is not known'],
    ['s3:///a', "'' is no name of a bucket"],
    ['s3://key:word@bucket/a', 'must not hold credentials'],
    ['https://user:word@host/a', 'must not hold credentials'],
    ['https://host/a?X-Amz-Signature=word', 'a signed address ends after a while'],
    ['https://host/a?sv=1&sig=word', 'a signed address ends after a while'],
    ['https://host/a?key=word', 'without a query'],
    ['https://', 'no address'],
  ])('%s is refused, and no secret of it is repeated', (text, message) => {
    expect(() => parseLocation(text)).toThrow(message);
    expect(() => parseLocation(text)).not.toThrow('word');
  });
});
