import { describe, expect, it } from '@jest/globals';
import { RefusedInputError } from '#contracts';
import { problemOf } from './problem.js';

describe('problem details', () => {
  it('show control characters of names from outside, and no password', () => {
    const path = 'images/\u001b[31m\ncat';
    const error = new RefusedInputError(`redis://me:secret@host\n${path}`, [{ path, message: `${path} is broken` }]);
    expect(problemOf(error)).toMatchObject({
      detail: 'redis://me:***@host\nimages/\\x1b[31m\ncat',
      errors: [{ path: 'images/\\x1b[31m\\x0acat', message: 'images/\\x1b[31m\ncat is broken' }],
    });
  });
});
