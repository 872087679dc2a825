import { describe, expect, it } from '@jest/globals';
import { ANY_RUN, isNarrow, parseRunFilter, parseTerm, type RunFilter, runFilterQuery } from './run-filter.js';

const FULL: RunFilter = {
  words: 'wide & deep',
  states: ['running', 'failed'],
  tags: ['paper', 'a+b'],
  archived: 'all',
  where: ['optimizer.learningRate=0.1', 'epochs>5'],
  sort: 'accuracy',
};

describe('the filter of a list of runs', () => {
  it('comes back from the address as it was written', () => {
    expect(parseRunFilter(new URLSearchParams(runFilterQuery(FULL).toString()))).toEqual(FULL);
  });

  it('leaves defaults out of the address, and is the default where nothing is said', () => {
    expect(runFilterQuery(ANY_RUN).toString()).toBe('');
    expect(parseRunFilter(new URLSearchParams())).toEqual(ANY_RUN);
  });

  it('passes over what it does not know, and takes nothing twice', () => {
    const search = new URLSearchParams('state=asleep&state=paused&sort=luck&archived=maybe&tag=a&tag=a');
    expect(parseRunFilter(search)).toEqual({ ...ANY_RUN, states: ['paused'], tags: ['a'] });
  });

  it('is narrow where runs may be missing, which no order and no archived runs in addition make it', () => {
    expect(isNarrow({ ...ANY_RUN, sort: 'loss', archived: 'all' })).toBe(false);
    for (const part of [
      { words: 'a' },
      { states: ['failed'] as const },
      { tags: ['a'] },
      { archived: 'true' as const },
    ])
      expect(isNarrow({ ...ANY_RUN, ...part })).toBe(true);
  });
});

describe('a term on a field of the spec', () => {
  it.each([
    ['optimizer.learningRate = 0.1', 'optimizer.learningRate=0.1'],
    ['epochs<90', 'epochs<90'],
    ['epochs >= 90', 'epochs>=90'],
    ['model.architecture != resnet50', 'model.architecture!=resnet50'],
    [' dataset.path=/data/a b ', 'dataset.path=/data/a b'],
  ])('%j is %j', (text, term) => expect(parseTerm(text)).toBe(term));

  it.each(['epochs', 'epochs=', '=5', 'a b=1', ''])('%j is none', (text) => expect(parseTerm(text)).toBeNull());
});
