import { describe, expect, it } from '@jest/globals';
import { Silence } from './silence.js';

const PATIENCE = 2_000;
const BEAT = 400;

/** Asks at every beat from 0 to `until`, and hears something, answers `answerMs` after their question included. */
function line(answerMs: number, until: number): Silence {
  const silence = new Silence(PATIENCE, 0);
  for (let now = 0; now <= until; now += BEAT) {
    silence.heard(now);
    const askedAt = now - answerMs;
    if (askedAt >= 0) silence.answered(Math.floor(askedAt / BEAT) * BEAT);
    silence.asked(now);
  }
  return silence;
}

/** How long the peer may be silent after `since`. */
function limit(silence: Silence, since: number): number {
  for (let silentMs = 0; ; silentMs += 10) if (silence.tooLong(since + silentMs) !== null) return silentMs - 10;
}

describe('the silence of a peer', () => {
  it('is too long after the patience where answers are quick', () => {
    expect(limit(line(0, 8_000), 8_000)).toBe(PATIENCE);
    expect(limit(line(400, 8_000), 8_000)).toBe(PATIENCE);
  });

  it('may last twice as long as answers take, on a slow line', () => {
    const ms = limit(line(4_000, 20_000), 20_000);
    expect(ms).toBeGreaterThan(6_500);
    expect(ms).toBeLessThanOrEqual(8_000);
  });

  it('may last twice as long as an answer is waited for already, while other bytes come', () => {
    const silence = new Silence(PATIENCE, 0);
    silence.asked(0);
    for (let now = 0; now <= 3_000; now += 100) silence.heard(now);
    expect(limit(silence, 3_000)).toBe(6_000);
  });

  it('is judged as before some time after the line was slow', () => {
    const silence = line(4_000, 8_000);
    silence.answered(8_000);
    for (let now = 8_400; now < 40_000; now += BEAT) {
      silence.asked(now);
      silence.heard(now);
      silence.answered(now);
    }
    expect(limit(silence, 39_600)).toBe(PATIENCE);
  });

  it('does not wait for the answer to a question that was asked before somebody listened', () => {
    const silence = new Silence(PATIENCE, 0);
    silence.asked(0);
    silence.asked(400);
    silence.heard(401);
    silence.answered(400);
    for (let now = 800; now < 8_000; now += BEAT) {
      silence.heard(now);
      silence.asked(now);
      silence.answered(now);
    }
    expect(limit(silence, 7_600)).toBe(PATIENCE);
  });
});
