import { optimizerSchema, type OptimizerSettings, type Precision, type RunSpec } from '#contracts';

/** What is built into an engine: how it judges and updates. The numbers that change from step to step are not here. */
export interface StepConfig {
  readonly optimizer: OptimizerSettings;
  readonly precision: Precision;
  /** Share of a label that is spread over all classes. */
  readonly labelSmoothing: number;
  /** Samples of a batch are mixed, each with the one before it. */
  readonly mixes: boolean;
  /** A running average of weights and statistics is kept, and is what evaluates and predicts. */
  readonly averages: boolean;
  /** Batches come in images of any one side each, not only of the network's own. */
  readonly anySize: boolean;
}

/** What a run does that asks for nothing. */
export const DEFAULT_STEP_CONFIG: StepConfig = {
  optimizer: optimizerSchema.parse({}),
  precision: 'fp32',
  labelSmoothing: 0,
  mixes: false,
  averages: false,
  anySize: false,
};

/** What a run's spec says of how its engines judge and update. */
export function stepConfigOf({
  optimizer,
  precision,
  regularization,
  resizing,
}: Pick<RunSpec, 'optimizer' | 'precision' | 'regularization' | 'resizing'>): StepConfig {
  const { labelSmoothing, mixup, cutmix, ema } = regularization;
  return {
    optimizer,
    precision,
    labelSmoothing,
    mixes: mixup !== undefined || cutmix !== undefined,
    averages: ema !== undefined,
    anySize: resizing !== undefined,
  };
}
