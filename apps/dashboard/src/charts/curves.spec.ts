import { describe, expect, it } from '@jest/globals';
import { buildCurves } from './curves.js';
import { sampleEvaluation, sampleStep } from './sample-metrics.js';
import type { XAxis } from './x-axis.js';

const steps = [sampleStep(1), sampleStep(2), sampleStep(3)];
const evaluations = [sampleEvaluation(2), sampleEvaluation(5)];

function curves(axis: XAxis, isSmoothed = false) {
  const context = { axis, stepsPerEpoch: 2, startedAt: 0 };
  return buildCurves({ steps, evaluations, quantity: 'loss', context, isSmoothed });
}

describe('buildCurves', () => {
  it('puts an evaluation into the row of the step that has the same x', () => {
    const [x, raw, , validation] = curves('step');
    expect(x).toEqual([1, 2, 3, 5]);
    expect(raw).toEqual([1, 1 / 2, 1 / 3, null]);
    expect(validation).toEqual([null, 2, null, 2]);
  });

  it('gives an evaluation its own row on the time axis, in order', () => {
    const [x, raw, , validation] = curves('time');
    expect(x).toEqual([1, 2, 2.5, 3, 5.5]);
    expect(raw).toEqual([1, 1 / 2, null, 1 / 3, null]);
    expect(validation).toEqual([null, null, 2, null, 2]);
  });

  it('draws the raw curve twice when smoothing is off, and another one when it is on', () => {
    const [, raw, plain] = curves('epoch');
    expect(plain).toEqual(raw);
    expect(curves('epoch', true)[2]).not.toEqual(raw);
  });

  it('gives empty columns for a run without steps', () => {
    const context = { axis: 'step', stepsPerEpoch: 1, startedAt: 0 } as const;
    const options = { steps: [], evaluations: [], quantity: 'accuracy', context, isSmoothed: true } as const;
    expect(buildCurves(options)).toEqual([[], [], [], []]);
  });
});
