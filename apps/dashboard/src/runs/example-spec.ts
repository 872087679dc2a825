import type { RECIPE_NAMES, RunSpecInput } from '#contracts';

/** What is not said comes from the recipe. */
type ExampleSpec = RunSpecInput | (Partial<RunSpecInput> & { readonly recipe: (typeof RECIPE_NAMES)[number] });

/** Specs to begin from. */
export const EXAMPLE_SPECS: readonly { readonly title: string; readonly text: string; readonly spec: ExampleSpec }[] = [
  {
    title: 'ResNet-20, small images',
    text: 'Ten classes of 32 × 32 pixels; minutes on a laptop. The data set is the one the demo makes.',
    spec: {
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
    },
  },
  {
    title: 'ResNet-50, ImageNet folders',
    text: 'The usual recipe of 90 epochs: a global batch of 256, the rate divided by ten after epochs 30, 60 and 80.',
    spec: {
      name: 'resnet50-imagenet',
      model: { architecture: 'resnet50', numClasses: 1000 },
      dataset: { kind: 'image-folder', path: '/data/imagenet' },
      lanes: 8,
      laneBatchSize: 32,
      epochs: 90,
      seed: 1,
      optimizer: {
        learningRate: 0.1,
        momentum: 0.9,
        weightDecay: 0.0001,
        schedule: { kind: 'steps', milestones: [30, 60, 80], gamma: 0.1, warmupEpochs: 5 },
      },
      workers: { min: 1, max: 8 },
      checkpoint: { everySteps: 1000, keep: 3 },
    },
  },
  {
    title: 'ResNet-110, as in the paper',
    text: 'The paper’s recipe for CIFAR-10, warm-up included; what is given here overrides it. /v1/recipes lists others.',
    spec: {
      name: 'resnet110-cifar10',
      recipe: 'he2015-cifar10',
      model: { architecture: 'resnet110', numClasses: 10 },
      dataset: { kind: 'cifar10', path: '/data/cifar-10-batches-bin' },
      optimizer: { weightDecay: 0.0001 },
      seed: 1,
    },
  },
];

/** A spec as the editor shows it: short arrays of numbers stay on one line. */
export function specText(spec: object): string {
  return JSON.stringify(spec, null, 2).replace(/\[[\s\d.,]+\]/g, (list) => list.replace(/\s+/g, ' '));
}
