import type { Recipe } from './recipe.js';

const BOTTLENECK_NETS: readonly string[] = ['resnet50', 'resnet101', 'resnet152'];

/** SGD of the paper, sections 3.4 and 4.2: both data sets. Goyal et al. say that it spares gamma and beta. */
const SGD = { kind: 'sgd', learningRate: 0.1, momentum: 0.9, weightDecay: 1e-4, decayed: ['kernels', 'bias'] } as const;
const HEAD_NOTE =
  'weights start “as in [13]”, which speaks of layers before a ReLU: the head is PyTorch’s; headInit has other ones';
const DECAY_NOTE = 'what weight decay spares is not in the paper; Goyal et al. 2017 say that it spared gamma and beta';

export const HE2015_IMAGENET: Recipe = {
  title: 'ImageNet as in the paper: batch 256, rate 0.1 that falls on plateaus, 120 epochs',
  source: 'He et al. 2015, section 3.4',
  notes: [
    'the paper divides the rate "when the error plateaus": five epochs without a better validation error are ours',
    '60 x 10^4 iterations of 256 are 119.9 epochs',
    'pixels are normalised by channel; the paper subtracts a mean image',
    HEAD_NOTE,
    DECAY_NOTE,
  ],
  begins: { architecture: 'resnet50', lanes: 8, laneBatchSize: 32 },
  settings: ({ architecture, lanes, laneBatchSize }) => ({
    model: { architecture, ...(BOTTLENECK_NETS.includes(architecture) && { variant: 'v1' }) },
    dataset: { augmentation: 'scale-crop' },
    lanes,
    laneBatchSize,
    epochs: 120,
    optimizer: {
      ...SGD,
      decayed: [...SGD.decayed],
      schedule: { kind: 'plateau', metric: 'validation-error', gamma: 0.1, patience: 5 },
    },
    regularization: { pcaColour: { deviation: 0.1 } },
  }),
};

export const HE2015_CIFAR10: Recipe = {
  title: 'CIFAR as in the paper: batch 128 on two devices, a tenth of the rate at 32k and 48k iterations',
  source: 'He et al. 2015, section 4.2',
  notes: [
    '32k, 48k and 64k iterations of 128 are 81.92, 122.88 and 163.84 epochs of 50,000 images; it ends after 164',
    'two lanes of 64: that batch normalisation saw 64 images on each of the paper’s two GPUs is an inference',
    'resnet110 takes 0.01 until the training error is below 80 %, seen over blocks of 50 steps, which are ours',
    'pixels are normalised by channel; the paper subtracts a mean image',
    HEAD_NOTE,
    DECAY_NOTE,
  ],
  begins: { architecture: 'resnet20', lanes: 2, laneBatchSize: 64 },
  settings: ({ architecture, lanes, laneBatchSize }) => ({
    model: { architecture },
    dataset: { augmentation: 'pad-crop' },
    lanes,
    laneBatchSize,
    epochs: 164,
    optimizer: {
      ...SGD,
      decayed: [...SGD.decayed],
      schedule: {
        kind: 'steps',
        milestones: [81.92, 122.88],
        gamma: 0.1,
        ...(architecture === 'resnet110' && { warmupUntil: { learningRate: 0.01, trainingError: 0.8 } }),
      },
    },
  }),
};
