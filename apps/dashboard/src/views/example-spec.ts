import type { RunSpecInput } from '#contracts';

/** A complete spec to begin from: the README's example. */
export const EXAMPLE_SPEC: RunSpecInput = {
  name: 'resnet20-shapes',
  model: { architecture: 'resnet20', shortcut: 'A', numClasses: 10 },
  dataset: { kind: 'image-folder', path: 'data/shapes' },
  lanes: 4,
  laneBatchSize: 32,
  epochs: 5,
  seed: 1,
  optimizer: {
    learningRate: 0.1,
    momentum: 0.9,
    weightDecay: 0.0001,
    schedule: { kind: 'steps', milestones: [3, 4], gamma: 0.1, warmupEpochs: 1 },
  },
  workers: { min: 1, max: 4 },
  checkpoint: { everySteps: 100, keep: 3 },
};
