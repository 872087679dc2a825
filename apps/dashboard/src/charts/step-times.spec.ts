import { describe, expect, it } from '@jest/globals';
import type { StepMetrics } from '#contracts';
import { sampleStep, sampleStretch } from './sample-metrics.js';
import { buildStepSplit, buildThroughput, recentSplit } from './step-times.js';
import { stretchesOf } from './stretches.js';

const context = { axis: 'step', stepsPerEpoch: 10, startedAt: 0 } as const;
const alone = (...steps: StepMetrics[]) => stretchesOf({ steps, stretches: [] });
const many = alone(...Array.from({ length: 1000 }, (_, index) => sampleStep(index + 1)));

describe('step times', () => {
  it('stacks the parts from the bottom and lists them from the top', () => {
    const [x, update, data, exchange, compute] = buildStepSplit(alone(sampleStep(1)), context);
    expect(x).toEqual([1]);
    expect([compute, exchange, data, update]).toEqual([[2], [3], [4], [4]]);
  });

  it('averages thousands of steps in at most 160 buckets and keeps the newest step', () => {
    const [x, rate] = buildThroughput(many, context);
    expect(x.length).toBeLessThanOrEqual(160);
    expect(x.at(-1)).toBe(1000);
    for (const value of rate) expect(value).toBeCloseTo(16_000);
  });

  it('leaves earlier buckets alone when a step is added', () => {
    const before = buildThroughput(many.slice(0, 900), context)[0];
    const after = buildThroughput(many.slice(0, 901), context)[0];
    expect(after.slice(0, before.length - 1)).toEqual(before.slice(0, -1));
  });

  it('gives no rate for a step that took no time and nothing for no steps', () => {
    expect(buildThroughput(alone(sampleStep(1, { durationMs: 0 })), context)).toEqual([[1], [null]]);
    expect(buildStepSplit([], context)).toEqual([[], [], [], [], []]);
    expect(recentSplit([])).toBeNull();
    expect(recentSplit(many)).toEqual({ numSteps: 50, parts: { compute: 2, exchange: 1, data: 1, update: 0 } });
  });

  it('weighs a stretch by its steps', () => {
    const timings = { dataMs: 0, computeMs: 40, exchangeMs: 0, updateMs: 0 };
    const stretches = stretchesOf({
      steps: [sampleStep(100, { durationMs: 40, timings })],
      stretches: [sampleStretch(1, 99)],
    });
    const [, rate] = buildThroughput(stretches, context);
    expect(rate).toEqual([16_000, 1600]);
    expect(recentSplit(stretches)).toMatchObject({ numSteps: 100, parts: { compute: 0.99 * 2 + 0.01 * 40 } });
  });
});
