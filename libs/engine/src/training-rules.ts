import type { DecayedKind } from '#contracts';
import type { ParameterEntry, VectorLayout } from '#resnet';

/** What is built into an engine: how it judges and updates. The numbers that change from step to step are not here. */
export interface TrainingRules {
  readonly nesterov: boolean;
  /** What weight decay applies to. */
  readonly decayed: readonly DecayedKind[];
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
export const DEFAULT_RULES: TrainingRules = {
  nesterov: false,
  decayed: ['kernels'],
  labelSmoothing: 0,
  mixes: false,
  averages: false,
  anySize: false,
};

const KIND_OF_ROLE: Readonly<Record<ParameterEntry['role'], DecayedKind>> = {
  convolution: 'kernels',
  'dense-kernel': 'kernels',
  gamma: 'gamma',
  beta: 'beta',
  'dense-bias': 'bias',
  'gate-bias': 'bias',
};

/** Whether weight decay applies to a parameter. */
export function isDecayed(
  { role }: Pick<ParameterEntry, 'role'>,
  { decayed }: Pick<TrainingRules, 'decayed'>,
): boolean {
  return decayed.includes(KIND_OF_ROLE[role]);
}

/**
 * Whether weight decay applies to all parameters of a part of the vector, to none, or which: 1 for each element it
 * applies to, 0 for the others.
 */
export function decayOf(
  layout: VectorLayout,
  rules: Pick<TrainingRules, 'decayed'>,
  part: { readonly offset: number; readonly length: number },
): 'all' | 'none' | readonly number[] {
  const { offset, length } = part;
  const entries = layout.parameters.filter((entry) => entry.offset >= offset && entry.offset < offset + length);
  const answers = entries.map((entry) => isDecayed(entry, rules));
  if (answers.every((answer) => !answer)) return 'none';
  if (answers.every((answer) => answer)) return 'all';
  return entries.flatMap((entry, index) =>
    Array.from({ length: entry.length }, () => (answers[index] === true ? 1 : 0)),
  );
}
