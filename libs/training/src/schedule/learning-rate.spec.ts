import { describe, expect, it } from '@jest/globals';
import { runSpecSchema, type RunSpecInput } from '#contracts';
import { learningRateAt } from './learning-rate.js';

function spec(
  schedule: NonNullable<RunSpecInput['optimizer']>['schedule'],
  learningRate = 0.1,
): ReturnType<typeof runSpecSchema.parse> {
  return runSpecSchema.parse({
    name: 'r',
    model: { architecture: 'resnet20', numClasses: 10 },
    dataset: { kind: 'image-folder', path: 'x' },
    epochs: 90,
    optimizer: { learningRate, schedule },
  });
}

describe('the learning rate', () => {
  it('follows Goyal et al.: 3.2 after five epochs of warm-up from 0.1-like steps, a tenth at 30, 60 and 80', () => {
    const goyal = spec({ kind: 'steps', milestones: [30, 60, 80], gamma: 0.1, warmupEpochs: 5 }, 3.2);
    const steps = 157;
    expect(learningRateAt(goyal, steps, 0)).toBeCloseTo(3.2 / (5 * steps), 12);
    expect(learningRateAt(goyal, steps, 5 * steps - 1)).toBeCloseTo(3.2, 12);
    expect(learningRateAt(goyal, steps, 30 * steps - 1)).toBe(3.2);
    expect(learningRateAt(goyal, steps, 30 * steps)).toBeCloseTo(0.32, 12);
    expect(learningRateAt(goyal, steps, 80 * steps)).toBeCloseTo(0.0032, 12);
  });

  it('is constant without a schedule', () => {
    expect(learningRateAt(spec({ kind: 'constant' }), 10, 899)).toBe(0.1);
  });

  it('falls along half a cosine to nearly nothing', () => {
    const cosine = spec({ kind: 'cosine', warmupEpochs: 0 });
    expect(learningRateAt(cosine, 10, 0)).toBe(0.1);
    expect(learningRateAt(cosine, 10, 450)).toBeCloseTo(0.05, 12);
    expect(learningRateAt(cosine, 10, 899)).toBeLessThan(1e-6);
  });

  it('takes fractions of an epoch', () => {
    const half = spec({ kind: 'steps', milestones: [0.5], gamma: 0.5, warmupEpochs: 0 });
    expect([4, 5].map((step) => learningRateAt(half, 10, step))).toEqual([0.1, 0.05]);
  });
});
