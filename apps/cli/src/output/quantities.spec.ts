import { describe, expect, it } from '@jest/globals';
import { formatBytes, formatDuration, formatLoss, formatRate, formatShare } from './quantities.js';

describe('quantities', () => {
  it.each([
    [0, '0 s'],
    [59.4, '59 s'],
    [59.6, '1 min 00 s'],
    [3599.6, '1 h 00 min'],
    [7_260, '2 h 01 min'],
    [273_600, '3 d 4 h'],
    [-5, '0 s'],
  ])('formatDuration(%p) is %p', (seconds, words) => expect(formatDuration(seconds)).toBe(words));

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_090_000, '1.1 MB'],
    [5e15, '5000.0 TB'],
  ])('formatBytes(%p) is %p', (bytes, words) => expect(formatBytes(bytes)).toBe(words));

  it('keeps small losses readable', () => {
    expect([2.3049, 0.0123, 0.000_42, 0, null].map(formatLoss)).toEqual(['2.305', '0.012', '4.2e-4', '0.000', '-']);
  });

  it('shows a decimal of slow rates', () => {
    expect([4.84, 540.4, null].map(formatRate)).toEqual(['4.8', '540', '-']);
  });

  it('shows shares in per cent', () => {
    expect(formatShare(0.9125, 2)).toBe('91.25 %');
    expect(formatShare(null)).toBe('-');
  });
});
