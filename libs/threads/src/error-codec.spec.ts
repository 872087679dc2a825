import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { NotFiniteError, RefusedInputError, RunFaultError } from '#contracts';
import { decodeError, encodedErrorSchema, encodeError, type ErrorClass } from './error-codec.js';

/** There and back, by way of JSON. */
function carried(error: unknown, classes?: readonly ErrorClass[]): Error {
  return decodeError(encodedErrorSchema.parse(JSON.parse(JSON.stringify(encodeError(error)))), classes);
}

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

class OwnError extends Error {
  override readonly name = 'OwnError';
  constructor(readonly path: string) {
    super(`of ${path}`);
  }
}

describe('an encoded error', () => {
  it('keeps class, message, faults, stack and cause', () => {
    const error = new RefusedInputError('no', [{ path: 'a', message: 'b' }], { cause: new NotFiniteError('NaN') });
    const back = carried(error);
    expect(back).toBeInstanceOf(RefusedInputError);
    expect(back).toMatchObject({ name: 'RefusedInputError', message: 'no', faults: error.faults, stack: error.stack });
    expect(back.cause).toBeInstanceOf(NotFiniteError);
    expect(back.cause).toBeInstanceOf(RunFaultError);
  });

  it('keeps the code of the system', () => {
    const error = thrownBy(() => readFileSync('/no/such/file'));
    expect(carried(error)).toMatchObject({ code: 'ENOENT', syscall: 'open', path: '/no/such/file' });
  });

  it('is of a class that only the receiver knows where it says so, else an Error of that name', () => {
    const known = carried(new OwnError('x'), [OwnError]);
    expect(known).toBeInstanceOf(OwnError);
    expect(known).toMatchObject({ path: 'x', message: 'of x' });
    const unknown = carried(new OwnError('x'));
    expect(unknown).not.toBeInstanceOf(OwnError);
    expect(String(unknown)).toBe('OwnError: of x');
  });

  it('is made of whatever was thrown', () => {
    expect(carried('words')).toMatchObject({ name: 'Error', message: 'words' });
    expect(carried(undefined).message).toBe('undefined');
  });

  it('ends where causes go round in a circle', () => {
    const error = new Error('round');
    error.cause = error;
    let depth = 0;
    for (let at: unknown = carried(error); at instanceof Error; at = at.cause) depth += 1;
    expect(depth).toBe(6);
  });
});
