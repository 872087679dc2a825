import type { Recipe } from './recipe.js';

/** Rate of a batch of 256; the rate grows with the batch (section 2.1). */
const BASE_RATE = 0.1;
const BASE_BATCH = 256;

export const GOYAL2017: Recipe = {
  title: 'Large batches: the rate grows with lanes x 32, warm-up over five epochs, 90 epochs',
  source: 'Goyal et al. 2017, sections 2 and 5.1',
  notes: [
    'a lane is a worker of the paper: batch normalisation sees its 32 images',
    'the rate is 0.1 x lanes x laneBatchSize / 256, reached from 0.1 in equal steps where the batch is above 256',
  ],
  begins: { architecture: 'resnet50', lanes: 8, laneBatchSize: 32 },
  settings: ({ architecture, lanes, laneBatchSize }) => {
    const learningRate = (BASE_RATE * lanes * laneBatchSize) / BASE_BATCH;
    const isLarge = lanes * laneBatchSize > BASE_BATCH;
    return {
      model: { architecture, headInit: 'normal', ...(!architecture.startsWith('plain') && { zeroInitResidual: true }) },
      dataset: { augmentation: 'resized-crop' },
      lanes,
      laneBatchSize,
      epochs: 90,
      optimizer: {
        kind: 'sgd',
        learningRate,
        momentum: 0.9,
        nesterov: true,
        weightDecay: 1e-4,
        decayed: ['kernels', 'bias'],
        schedule: {
          kind: 'steps',
          milestones: [30, 60, 80],
          gamma: 0.1,
          ...(isLarge && { warmupEpochs: 5, warmupStart: BASE_RATE / learningRate }),
        },
      },
    };
  },
};
