import { describe, expect, it } from '@jest/globals';
import type { RunMetrics } from '#contracts';
import { sampleEvaluation, sampleStep } from '../charts/sample-metrics.js';
import { appendSteps, mergeFetched } from './live-metrics.js';

const series = (...numbers: number[]): RunMetrics => ({
  steps: numbers.map((step) => sampleStep(step)),
  stretches: [],
  evaluations: [],
});
const numbers = (metrics: { steps: { step: number }[] }): number[] => metrics.steps.map((step) => step.step);

describe('live metrics', () => {
  it('appends what is new and drops what was there', () => {
    expect(numbers(appendSteps(series(1, 2), [sampleStep(3), sampleStep(4)]))).toEqual([1, 2, 3, 4]);
    expect(numbers(appendSteps(series(1, 2, 3), [sampleStep(2), sampleStep(4)]))).toEqual([1, 2, 3, 4]);
  });

  it('sorts steps that arrive late or out of order', () => {
    expect(numbers(appendSteps(series(1, 4), [sampleStep(3), sampleStep(2)]))).toEqual([1, 2, 3, 4]);
  });

  it('keeps streamed steps that a fetch under way did not yet see', () => {
    const fetched = { steps: [sampleStep(1), sampleStep(3)], stretches: [], evaluations: [sampleEvaluation(3)] };
    const merged = mergeFetched(series(1, 2, 3, 4), fetched);
    expect(numbers(merged)).toEqual([1, 3, 4]);
    expect(merged.evaluations).toHaveLength(1);
    expect(mergeFetched(undefined, fetched)).toEqual(fetched);
  });

  it('thins the older half of an endless run and keeps its newest steps', () => {
    let metrics = series();
    for (let step = 1; step <= 20_000; step += 100) {
      metrics = appendSteps(
        metrics,
        Array.from({ length: 100 }, (_, index) => sampleStep(step + index)),
      );
    }
    expect(metrics.steps.length).toBeLessThanOrEqual(6000);
    expect(numbers(metrics).slice(-100)).toEqual(Array.from({ length: 100 }, (_, index) => 19_901 + index));
    expect(metrics.steps[0]?.step).toBe(1);
  });
});
