import { describe, expect, it } from '@jest/globals';
import type { RunMetrics } from '#contracts';
import { sampleEvaluation, sampleStep } from '../charts/sample-metrics.js';
import { appendSteps, isTooLong, mergeFetched } from './live-metrics.js';

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

  it('is asked for anew where it has grown too long', () => {
    const steps = Array.from({ length: 6001 }, (_, index) => sampleStep(index + 1));
    const metrics = appendSteps(series(), steps.slice(0, 6000));
    expect(isTooLong(metrics)).toBe(false);
    expect(isTooLong(appendSteps(metrics, steps.slice(6000)))).toBe(true);
  });
});
