import type { Recipe } from './recipe.js';

export const TORCHVISION_V1: Recipe = {
  title: 'torchvision’s first weights: 8 x 32, a tenth of the rate every 30 epochs, decay on everything',
  source: 'torchvision, references/classification, IMAGENET1K_V1',
  notes: ['the images are resized by TensorFlow, not by Pillow'],
  begins: { architecture: 'resnet50', lanes: 8, laneBatchSize: 32 },
  settings: ({ architecture, lanes, laneBatchSize }) => ({
    model: { architecture },
    dataset: { augmentation: 'resized-crop' },
    lanes,
    laneBatchSize,
    epochs: 90,
    optimizer: {
      kind: 'sgd',
      learningRate: 0.1,
      momentum: 0.9,
      weightDecay: 1e-4,
      decayed: ['kernels', 'gamma', 'beta', 'bias'],
      schedule: { kind: 'steps', milestones: [30, 60], gamma: 0.1 },
    },
  }),
};
