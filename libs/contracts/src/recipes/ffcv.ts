import type { Recipe } from './recipe.js';

/** Epochs, counted from 0, between which the images grow: resolution.start_ramp and end_ramp of the configurations. */
const RAMPS = {
  16: [11, 13],
  24: [17, 20],
  32: [23, 27],
  40: [29, 34],
  56: [41, 48],
  88: [65, 76],
} as const satisfies Readonly<Record<number, readonly [number, number]>>;

/** rn18_configs: 0.5 for 1024 images; rn50_configs: 1.7 for 8 x 512. */
const SMALL = { rate: 0.5, batch: 1024, weightDecay: 5e-5 } as const;
const LARGE = { rate: 1.7, batch: 4096, weightDecay: 1e-4 } as const;

/** A recipe of FFCV's by its number of epochs. */
export function ffcv(epochs: keyof typeof RAMPS): Recipe {
  const [startEpoch, endEpoch] = RAMPS[epochs];
  return {
    title: `FFCV: ${epochs} epochs on images that grow from 160 to 192 pixels, one cycle of the rate`,
    source: `libffcv/ffcv-imagenet, rn18_configs and rn50_configs, ${epochs} epochs`,
    notes: [
      'the rate is FFCV’s, scaled with the batch: 0.5 x batch / 1024 for resnet18, 1.7 x batch / 4096 for all others',
      'eight lanes of 128 are ours: FFCV trains resnet18 on one device of 1024 and resnet50 on eight of 512',
      'no blurpool: FFCV blurs before every strided convolution of 16 channels or more',
      'validation sees the middle 256 of 293 pixels; FFCV 224 of 256 parts at 256, and the mirror image too',
      'fp32, where FFCV has fp16',
      'weight decay spares all gamma and beta; FFCV’s filter by name misses those of the projections',
    ],
    begins: { architecture: 'resnet50', lanes: 8, laneBatchSize: 128 },
    settings: ({ architecture, lanes, laneBatchSize }) => {
      const { rate, batch, weightDecay } = architecture === 'resnet18' ? SMALL : LARGE;
      return {
        model: { architecture },
        dataset: { augmentation: 'resized-crop' },
        lanes,
        laneBatchSize,
        epochs,
        optimizer: {
          kind: 'sgd',
          learningRate: (rate * lanes * laneBatchSize) / batch,
          momentum: 0.9,
          weightDecay,
          decayed: ['kernels', 'bias'],
          schedule: { kind: 'linear', warmupEpochs: 2, warmupStart: 1e-4 },
        },
        regularization: { labelSmoothing: 0.1 },
        resizing: { from: 160, to: 192, startEpoch, endEpoch, validation: 256 },
      };
    },
  };
}
