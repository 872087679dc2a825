import { describe, expect, it } from '@jest/globals';
import { buildCurves } from './curves.js';
import { sampleEvaluation, sampleStep, sampleStretch } from './sample-metrics.js';
import type { XAxis } from './x-axis.js';

const steps = [sampleStep(1), sampleStep(2), sampleStep(3)];
const evaluations = [sampleEvaluation(2), sampleEvaluation(5)];

function curves(axis: XAxis, isSmoothed = false) {
  const context = { axis, stepsPerEpoch: 2, startedAt: 0 };
  return buildCurves({ metrics: { steps, stretches: [], evaluations }, quantity: 'loss', context, isSmoothed });
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

  it('draws the means of a long series, the steps of least and of greatest loss, and steps that came later', () => {
    const context = { axis: 'step', stepsPerEpoch: 100, startedAt: 0 } as const;
    const metrics = {
      steps: [sampleStep(1, { loss: 3 }), sampleStep(37, { loss: 9 }), sampleStep(64, { loss: 1 }), sampleStep(101)],
      stretches: [sampleStretch(1, 50, { loss: 2 }), sampleStretch(51, 100, { loss: 1.5 })],
      evaluations: [],
    };
    const [x, single, mean] = buildCurves({ metrics, quantity: 'loss', context, isSmoothed: false });
    expect(x).toEqual([1, 37, 50, 64, 100, 101]);
    expect(single).toEqual([3, 9, null, 1, null, 1 / 101]);
    expect(mean).toEqual([null, null, 2, null, 1.5, 1 / 101]);
  });

  it('gives empty columns for a run without steps', () => {
    const context = { axis: 'step', stepsPerEpoch: 1, startedAt: 0 } as const;
    const metrics = { steps: [], stretches: [], evaluations: [] };
    expect(buildCurves({ metrics, quantity: 'accuracy', context, isSmoothed: true })).toEqual([[], [], [], []]);
  });
});
