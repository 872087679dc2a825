import { describe, expect, it } from '@jest/globals';
import { roundPosition } from '#contracts';
import { scalarsOf } from '#engine';
import { buildNetwork, layoutOf } from '#resnet';
import { readStep } from './read-root.js';

const layout = layoutOf(buildNetwork({ architecture: 'resnet20', numClasses: 10 }));
const numbers = { numTrainSamples: 10, numValidationSamples: 2, lanes: 2, laneBatchSize: 2, epochs: 1 };

describe('the root of a training round', () => {
  const read = (samples: number, unreadable: 'refuse' | 'skip', round = 0) => {
    const root = new Float32Array(layout.vectorLength);
    root.set([0.5, 1, samples], layout.scalars.loss);
    return readStep(scalarsOf(root, layout), roundPosition(numbers, round), { numbers, unreadable });
  };

  it('tells how many samples were left out, where a run may leave any out', () => {
    expect(read(4, 'skip')).toEqual({ step: 1, round: 0, epoch: 0, loss: 0.5, accuracy: 0.25, samples: 4 });
    expect(read(3, 'skip')).toMatchObject({ samples: 3, leftOut: 1 });
    // The last step of the epoch holds two.
    expect(read(1, 'skip', 2)).toMatchObject({ samples: 1, leftOut: 1 });
    expect(read(3, 'refuse')).not.toHaveProperty('leftOut');
  });

  it('has an accuracy that is a number where every sample was left out', () => {
    expect(read(0, 'skip')).toMatchObject({ samples: 0, leftOut: 4, accuracy: 0 });
  });
});
