import {
  MAX_RUN_NAME,
  isObject,
  mergePatch,
  namingSpecSchema,
  RefusedInputError,
  type CloneRequest,
  type RunSpec,
  type SubmittedRun,
} from '#contracts';

const NAME_ENDING = ' clone';

/** The spec of a run's clone: the run's own with the changes merged over it. Throws RefusedInputError naming every fault. */
export function cloneSpec(original: RunSpec, { changes, name }: CloneRequest): SubmittedRun {
  const dataset = datasetToChange(original.dataset, changes['dataset']);
  const merged = mergePatch({ ...original, dataset }, changes) as Record<string, unknown>;
  const named = name ?? (Object.hasOwn(changes, 'name') ? merged['name'] : cloneName(original.name));
  const parsed = namingSpecSchema.safeParse({ ...merged, name: named });
  const faults =
    parsed.error?.issues.map(({ path, message }) => ({ path: ['changes', ...path].join('.'), message })) ?? [];
  if (name !== undefined && Object.hasOwn(changes, 'name'))
    faults.push({ path: 'changes.name', message: 'must be left out where `name` is given' });
  if (!parsed.success || faults.length > 0) throw new RefusedInputError('the run cannot be cloned so', faults);
  return parsed.data;
}

/** A place that is changed is not where the name led, and another name leads to another place. */
function datasetToChange(dataset: RunSpec['dataset'], changes: unknown): object {
  if (!isObject(changes)) return dataset;
  const { name: _, ...unnamed } = dataset;
  if (!Object.hasOwn(changes, 'name'))
    return ['kind', 'path'].some((field) => Object.hasOwn(changes, field)) ? unnamed : dataset;
  if (changes['name'] === null) return unnamed;
  const { augmentation, shuffle, balance } = dataset;
  return Object.fromEntries(
    Object.entries({ augmentation, shuffle, balance }).filter(([, value]) => value !== undefined),
  );
}

function cloneName(original: string): string {
  return original.slice(0, MAX_RUN_NAME - NAME_ENDING.length) + NAME_ENDING;
}
