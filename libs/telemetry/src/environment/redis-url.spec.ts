import { describe, expect, it } from '@jest/globals';
import { redisUrl, redisUrlFault } from './redis-url.js';

describe('REDIS_URL', () => {
  it.each([
    'redis://127.0.0.1:6379',
    'redis://redis',
    'rediss://user:p%40ss@cache.example:6380/3',
    'redis://:secret@[::1]:6379/',
  ])('may be %s', (url) => {
    expect(redisUrlFault(url)).toBeUndefined();
  });

  it.each([
    ['http://127.0.0.1:6379', /must be a redis:\/\/ or rediss:\/\/ address, redis:\/\/\[USER:PASSWORD@\]HOST/],
    ['redis://', /must be a redis:\/\//],
    ['redis://h:port', /must be a redis:\/\//],
    ['redis+sentinel://h:26379/primary', /Sentinel is not spoken: name an address that always leads to the primary/],
    ['sentinel://h:26379', /Sentinel is not spoken/],
    ['redis://a:1,b:2', /several hosts/],
    ['unix:///run/redis.sock', /unix sockets are not supported/],
    ['/run/redis.sock', /unix sockets are not supported/],
    ['redis://h:6379?keyPrefix=team:', /a key prefix is not supported: .*\(redis:\/\/HOST:6379\/3\)/],
    ['redis://h:6379/0?family=6', /options behind it \(\? or #\) are not supported/],
    ['redis://h:6379/jobs', /the database is a number$/],
  ])('refuses %s in words', (url, words) => {
    expect(redisUrlFault(url)).toMatch(words);
    expect(redisUrl.safeParse(url).error?.issues[0]?.message).toMatch(words);
  });
});
