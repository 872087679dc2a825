import { describe, expect, it } from '@jest/globals';
import { hideSecrets } from './hide-secrets.js';

describe('hideSecrets', () => {
  it.each([
    ['redis://:pass@host:6379/2', 'redis://:***@host:6379/2'],
    ['rediss://user:p@ss/w:ord@host', 'rediss://user:***@host'],
    ['redis://host:6379?password=s3cret&db=1', 'redis://host:6379?password=***&db=1'],
    [
      'connect to redis://a:b@[::1]:6379 failed, "http://x?key=abc"',
      'connect to redis://a:***@[::1]:6379 failed, "http://x?key=***"',
    ],
  ])('leaves the password out of %s', (text, expected) => {
    expect(hideSecrets(text)).toBe(expected);
  });

  it('leaves alone what has none', () => {
    for (const text of ['redis://127.0.0.1:6379', 'rediss://user@host', 'mail a@b.c: yes', 'https://host/a?b=c'])
      expect(hideSecrets(text)).toBe(text);
  });

  it('leaves the words of a login out of the error that Redis answered it with', () => {
    const error = { message: 'WRONGPASS', command: { name: 'auth', args: ['user', 'pass'] } };
    expect(JSON.parse(hideSecrets(JSON.stringify(error)))).toEqual({
      ...error,
      command: { name: 'auth', args: ['***'] },
    });
  });
});
