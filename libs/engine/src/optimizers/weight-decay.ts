import type { OptimizerSettings, ParameterKind } from '#contracts';
import type { ParameterEntry, VectorLayout } from '#resnet';

const KIND_OF_ROLE: Readonly<Record<ParameterEntry['role'], ParameterKind>> = {
  convolution: 'kernels',
  'dense-kernel': 'kernels',
  gamma: 'gamma',
  beta: 'beta',
  'dense-bias': 'bias',
  'gate-bias': 'bias',
};

/** A parameter's kind, as a run's spec speaks of it. */
export const kindOf = ({ role }: Pick<ParameterEntry, 'role'>): ParameterKind => KIND_OF_ROLE[role];

/**
 * Whether weight decay applies to all parameters of a part of the vector, to none, or which: 1 for each element it
 * applies to, 0 for the others.
 */
export function decayOf(
  layout: VectorLayout,
  { decayed }: Pick<OptimizerSettings, 'decayed'>,
  { offset, length }: { readonly offset: number; readonly length: number },
): 'all' | 'none' | readonly number[] {
  const entries = layout.parameters.filter((entry) => entry.offset >= offset && entry.offset < offset + length);
  const answers = entries.map((entry) => decayed.includes(kindOf(entry)));
  if (answers.every((answer) => !answer)) return 'none';
  if (answers.every((answer) => answer)) return 'all';
  return entries.flatMap((entry, index) =>
    Array.from({ length: entry.length }, () => (answers[index] === true ? 1 : 0)),
  );
}
