import { describe, expect, it } from '@jest/globals';
import { randomStream } from '#contracts';
import { betaSample } from './beta-sample.js';
import { mixupOfLane } from './mixup-cutmix.js';

const none = { labelSmoothing: 0 };
const at = (stepInEpoch: number, lane = 0, epoch = 0) => ({ epoch, stepInEpoch, lane, imageSize: 32 });

describe('numbers from Beta(alpha, alpha)', () => {
  // Mean 1/2, variance 1 / (4 (2 alpha + 1)).
  it.each([0.05, 0.2, 1, 4])('have its mean and variance: alpha %d', (alpha) => {
    const random = randomStream(1, alpha * 100);
    const drawn = Array.from({ length: 20_000 }, () => betaSample(alpha, random));
    const mean = drawn.reduce((sum, value) => sum + value, 0) / drawn.length;
    const variance = drawn.reduce((sum, value) => sum + (value - mean) ** 2, 0) / drawn.length;
    expect(mean).toBeCloseTo(0.5, 1.5);
    expect(Math.abs(variance * 4 * (2 * alpha + 1) - 1)).toBeLessThan(0.05);
  });
});

describe('the mixup of a lane’s batch', () => {
  it('is nothing where the run asks for none', () => {
    expect(mixupOfLane({ seed: 1, regularization: none }, at(0))).toBeNull();
  });

  it('is a function of seed, epoch, step and lane', () => {
    const mixup = { regularization: { ...none, mixup: { alpha: 1 } } };
    const shares = [
      mixupOfLane({ seed: 1, ...mixup }, at(3, 1, 2)),
      mixupOfLane({ seed: 2, ...mixup }, at(3, 1, 2)),
      mixupOfLane({ seed: 1, ...mixup }, at(3, 1, 1)),
      mixupOfLane({ seed: 1, ...mixup }, at(4, 1, 2)),
      mixupOfLane({ seed: 1, ...mixup }, at(3, 0, 2)),
    ].map((mixed) => mixed?.share);
    expect(new Set(shares).size).toBe(5);
    expect(mixupOfLane({ seed: 1, ...mixup }, at(3, 1, 2))?.share).toBe(shares[0]);
  });

  it('cuts a box whose share of the pixels is the share of the other label', () => {
    const spec = { seed: 1, regularization: { ...none, cutmix: { alpha: 1 } } };
    const mixups = Array.from({ length: 200 }, (_, step) => mixupOfLane(spec, at(step)));
    for (const mixup of mixups) {
      const kept = (mixup?.mask ?? new Float32Array()).reduce((sum, value) => sum + value, 0) / (32 * 32);
      expect([mixup?.side, mixup?.share]).toEqual([32, kept]);
    }
    expect(new Set(mixups.map((mixup) => mixup?.share)).size).toBeGreaterThan(50);
  });

  it('tosses a coin between the two', () => {
    const spec = { seed: 1, regularization: { ...none, mixup: { alpha: 0.2 }, cutmix: { alpha: 1 } } };
    const cuts = Array.from({ length: 400 }, (_, step) => mixupOfLane(spec, at(step))).filter(
      (each) => each?.side === 32,
    );
    expect(Math.abs(cuts.length - 200)).toBeLessThan(50);
  });
});
