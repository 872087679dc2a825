import {
  MAX_RUN_NAME,
  mergePatch,
  RefusedInputError,
  runSpecSchema,
  type CloneRequest,
  type RunSpec,
} from '#contracts';

const NAME_ENDING = ' clone';

/** The spec of a run's clone: the run's own with the changes merged over it. Throws RefusedInputError naming every fault. */
export function cloneSpec(original: RunSpec, { changes, name }: CloneRequest): RunSpec {
  const merged = mergePatch(original, changes) as Record<string, unknown>;
  const named = name ?? (Object.hasOwn(changes, 'name') ? merged['name'] : cloneName(original.name));
  const parsed = runSpecSchema.safeParse({ ...merged, name: named });
  const faults =
    parsed.error?.issues.map(({ path, message }) => ({ path: ['changes', ...path].join('.'), message })) ?? [];
  if (name !== undefined && Object.hasOwn(changes, 'name'))
    faults.push({ path: 'changes.name', message: 'must be left out where `name` is given' });
  if (!parsed.success || faults.length > 0) throw new RefusedInputError('the run cannot be cloned so', faults);
  return parsed.data;
}

function cloneName(original: string): string {
  return original.slice(0, MAX_RUN_NAME - NAME_ENDING.length) + NAME_ENDING;
}
