import { describe, expect, it } from '@jest/globals';
import { RefusedInputError } from '../errors.js';
import { migrated, NewerVersionError } from './record-version.js';

const versions = {
  current: 4,
  migrations: {
    2: ({ seconds, ...rest }: Readonly<Record<string, unknown>>) => ({ ...rest, ms: Number(seconds) * 1000 }),
    3: (fields: Readonly<Record<string, unknown>>) => ({ ...fields, tags: [] }),
  },
};
const read = (content: unknown): unknown => migrated('a.json', content, versions);

describe('the version of a file', () => {
  it('is brought up step by step', () => {
    expect(read({ version: 2, seconds: 3 })).toEqual({ version: 4, ms: 3000, tags: [] });
    expect(read({ version: 3, ms: 1 })).toEqual({ version: 4, ms: 1, tags: [] });
    expect(read({ version: 4, ms: 1, tags: ['x'] })).toEqual({ version: 4, ms: 1, tags: ['x'] });
  });

  it('that is newer is refused as such', () => {
    expect(() => read({ version: 5 })).toThrow(NewerVersionError);
    expect(() => read({ version: 5 })).toThrow('a.json was written by a newer Skiplane (version 5, this one knows 4)');
  });

  it.each([
    [{ version: 1 }, 'a.json has version 1, which is read no more: this Skiplane writes 4'],
    [{ version: 'x' }, 'a.json is no record of Skiplane: it says no version'],
    [{ version: 0 }, 'a.json is no record of Skiplane: it says no version'],
    [{}, 'a.json is no record of Skiplane: it says no version'],
    [[], 'a.json is no JSON object'],
    [null, 'a.json is no JSON object'],
    ['text', 'a.json is no JSON object'],
  ])('of %j is refused in words', (content, message) => {
    expect(() => read(content)).toThrow(RefusedInputError);
    expect(() => read(content)).toThrow(message);
  });
});
