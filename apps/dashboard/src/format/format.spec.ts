import { describe, expect, it } from '@jest/globals';
import {
  formatAgo,
  formatBytes,
  formatCompact,
  formatDuration,
  formatElapsed,
  formatLoss,
  formatMilliseconds,
  formatPercent,
  formatRate,
  shorten,
  UNKNOWN,
} from './format.js';

describe('format', () => {
  it('answers with a dash for what is not known yet', () => {
    for (const text of [formatPercent(null), formatLoss(null), formatRate(null), formatDuration(null)]) {
      expect(text).toBe(UNKNOWN);
    }
    expect(formatLoss(Number.NaN)).toBe(UNKNOWN);
    expect(formatDuration(Number.POSITIVE_INFINITY)).toBe(UNKNOWN);
  });

  it('carries over to the next unit instead of showing 60', () => {
    expect(formatDuration(59.4)).toBe('59 s');
    expect(formatDuration(59.6)).toBe('1 min 00 s');
    expect(formatDuration(3599.7)).toBe('1 h 00 min');
    expect(formatDuration(24 * 3600 - 10)).toBe('1 d 0 h');
  });

  it('keeps small losses and large counts readable', () => {
    expect(formatLoss(0.00004)).toBe('4.00e-5');
    expect(formatLoss(2.34567)).toBe('2.3457');
    expect(formatCompact(12_500)).toBe('12.5k');
    expect(formatCompact(0.25)).toBe('0.25');
    expect(formatRate(4.567)).toBe('4.57');
    expect(formatRate(1234.5)).toBe('1,235');
    expect(formatMilliseconds(1500)).toBe('1.50 s');
    expect(formatMilliseconds(12.34)).toBe('12.3 ms');
  });

  it('formats times and sizes', () => {
    expect(formatElapsed(65)).toBe('1:05');
    expect(formatElapsed(3725)).toBe('1:02:05');
    expect(formatBytes(999)).toBe('999 B');
    expect(formatBytes(102_400_000)).toBe('102 MB');
    expect(formatAgo(1000, 400)).toBe('just now');
    expect(formatAgo(0, 90_000)).toBe('1 min ago');
    expect(shorten('abcdef', 3)).toBe('abc…');
  });
});
