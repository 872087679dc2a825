import { basename } from 'node:path';
import { runSpecSchema, type RunSpec } from '#contracts';
import type { DemoOptions } from './demo-options.js';

/** Names of the demo's runs begin so: a later demo may clear away what an earlier one left. */
export const DEMO_NAME_PREFIX = 'demo ';

export interface DemoData {
  /** Absolute path. */
  readonly folder: string;
  readonly numClasses: number;
}

/**
 * The run of the demo: ResNet-20 as in He et al. 2015, section 4.2 (rate 0.1, batch 128 by default), with the shorter
 * schedule that few epochs ask for: one epoch of warm-up, then a cosine to zero.
 */
export function demoSpec(
  options: Pick<DemoOptions, 'workers' | 'lanes' | 'laneBatchSize' | 'epochs' | 'seed'>,
  data: DemoData,
): RunSpec {
  const dataName = basename(data.folder).replaceAll(/[^\w.@-]+/g, '-') || 'data';
  return runSpecSchema.parse({
    name: `${DEMO_NAME_PREFIX}resnet20 ${dataName}`.slice(0, 100),
    model: { architecture: 'resnet20', shortcut: 'A', numClasses: data.numClasses, imageSize: 32 },
    dataset: { kind: 'image-folder', path: data.folder },
    lanes: options.lanes,
    laneBatchSize: options.laneBatchSize,
    epochs: options.epochs,
    seed: options.seed,
    optimizer: {
      learningRate: 0.1,
      momentum: 0.9,
      weightDecay: 1e-4,
      schedule: { kind: 'cosine', warmupEpochs: Math.min(1, options.epochs / 2) },
    },
    workers: { min: options.workers, max: Math.max(options.workers, options.lanes) },
    checkpoint: { everySteps: 100, keep: 2 },
  });
}
