import { describe, expect, it } from '@jest/globals';
import { buildNetwork } from '../network/build-network.js';
import { layoutOf } from './vector-layout.js';

describe('layoutOf', () => {
  const layout = layoutOf(buildNetwork({ architecture: 'resnet18', numClasses: 1000 }));

  it('puts decayed kernels first, then gamma, beta and biases, without gaps', () => {
    let end = 0;
    for (const entry of layout.parameters) {
      expect(entry.offset).toBe(end);
      end += entry.length;
      expect(entry.isKernel).toBe(entry.offset < layout.numKernelElements);
      expect(entry.isKernel).toBe(entry.role === 'convolution' || entry.role === 'dense-kernel');
    }
    expect(end).toBe(layout.numParameters);
    expect(layout.numKernelElements).toBe(11_166_912 + 512 * 1000);
  });

  it('keeps network order in each part', () => {
    const names = layout.parameters.map((entry) => entry.name);
    expect(names.slice(0, 3)).toEqual(['conv1.weight', 'layer1.0.conv1.weight', 'layer1.0.conv2.weight']);
    expect(names[20]).toBe('fc.weight');
    expect(names.slice(21, 24)).toEqual(['bn1.weight', 'bn1.bias', 'layer1.0.bn1.weight']);
    expect(names.at(-1)).toBe('fc.bias');
    expect(layout.statistics.slice(0, 3).map((entry) => entry.name)).toEqual([
      'bn1.running_mean',
      'bn1.running_var',
      'layer1.0.bn1.running_mean',
    ]);
  });

  it('knows both tensor layouts', () => {
    const entries = new Map(layout.parameters.map((entry) => [entry.name, entry]));
    expect(entries.get('conv1.weight')).toMatchObject({ shape: [7, 7, 3, 64], torchShape: [64, 3, 7, 7] });
    expect(entries.get('fc.weight')).toMatchObject({ shape: [512, 1000], torchShape: [1000, 512] });
  });

  it('ends the gradient vector with four scalars', () => {
    expect(layout.numStatistics).toBe(9600);
    expect(layout.scalars).toEqual({
      loss: layout.vectorLength - 4,
      correct: layout.vectorLength - 3,
      samples: layout.vectorLength - 2,
      reserved: layout.vectorLength - 1,
    });
    expect(layout.vectorLength).toBe(11_689_512 + 9600 + 4);
  });
});
