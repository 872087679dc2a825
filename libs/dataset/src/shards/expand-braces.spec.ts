import { describe, expect, it } from '@jest/globals';
import { expandBraces } from './expand-braces.js';

describe('expandBraces', () => {
  it('counts with leading zeros, lists, and multiplies', () => {
    expect(expandBraces('train-{008..011}.tar')).toEqual([
      'train-008.tar',
      'train-009.tar',
      'train-010.tar',
      'train-011.tar',
    ]);
    expect(expandBraces('{8..11}')).toEqual(['8', '9', '10', '11']);
    expect(expandBraces('{a,b}/{0..1}.tar')).toEqual(['a/0.tar', 'a/1.tar', 'b/0.tar', 'b/1.tar']);
    expect(expandBraces('plain.tar')).toEqual(['plain.tar']);
  });

  it('refuses what it cannot read', () => {
    expect(() => expandBraces('{0..1.tar')).toThrow('braces do not match');
    expect(() => expandBraces('{a..b}.tar')).toThrow('neither a range');
    expect(() => expandBraces('{5..1}.tar')).toThrow('counts down');
    expect(() => expandBraces('{0..1000000000}.tar')).toThrow('more than');
    expect(() => expandBraces('{0..9999}{0..9999}.tar')).toThrow('more than');
  });
});
