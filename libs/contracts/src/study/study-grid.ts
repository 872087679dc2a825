import { isObject, mergePatch } from '../json/merge-patch.js';
import type { StudySpec } from './study.schema.js';
import { submittedRunSchema } from '../recipes/resolve-recipe.js';
import type { SubmittedRun } from '../run-spec/run-spec.schema.js';

/** One value of each axis, in the order of the axes. */
export interface StudyCombination {
  readonly labels: readonly string[];
  /** The run's spec as it comes from merging: not checked, without name and seed. */
  readonly spec: Readonly<Record<string, unknown>>;
}

/** One combination with one seed: what becomes a run. */
export interface StudyTrial {
  readonly combination: StudyCombination;
  readonly seed: number;
  readonly spec: Readonly<Record<string, unknown>>;
}

export interface StudyFault {
  /** `[network=plain, depth=56] model.shortcut`. */
  readonly path: string;
  readonly message: string;
}

/** Every combination that is not left out; the last axis changes fastest. */
export function studyCombinations(study: StudySpec): StudyCombination[] {
  return product(study.axes.map(({ values }) => values))
    .filter((values) => !isExcluded(study, labelsOf(values)))
    .map((values) => {
      const labels = labelsOf(values);
      const merged = values.reduce<unknown>((spec, value) => mergePatch(spec, value.spec), study.base);
      const byAxis = new Map(study.axes.map(({ name }, index) => [name, labels[index] ?? '']));
      return { labels, spec: fill(merged, byAxis) as Record<string, unknown> };
    });
}

/** All that is to be trained, combination by combination. */
export function studyTrials(study: StudySpec): StudyTrial[] {
  return studyCombinations(study).flatMap((combination) =>
    study.seeds.map((seed) => {
      const name = `${study.name} ${combination.labels.join(' ')} s${seed}`;
      return { combination, seed, spec: { ...combination.spec, name, seed } };
    }),
  );
}

/** `network=plain, depth=56`. */
export function combinationText(study: StudySpec, labels: readonly string[]): string {
  return study.axes.map(({ name }, index) => `${name}=${labels[index] ?? ''}`).join(', ');
}

/** Checks every combination against the contract of a run. Specs, one a combination, are there where it has no fault. */
export function checkCombinations(study: StudySpec): {
  readonly specs: readonly { readonly combination: StudyCombination; readonly spec: SubmittedRun }[];
  readonly faults: readonly StudyFault[];
} {
  const combinations = studyCombinations(study);
  const specs: { combination: StudyCombination; spec: SubmittedRun }[] = [];
  const found: CombinationFault[] = [];
  const seed = study.seeds[0] ?? 1;
  for (const combination of combinations) {
    const name = `${study.name} ${combination.labels.join(' ')} s${Math.max(...study.seeds)}`;
    const parsed = submittedRunSchema.safeParse({ ...combination.spec, name, seed });
    if (parsed.success) specs.push({ combination, spec: parsed.data });
    else
      for (const { path, message } of parsed.error.issues)
        found.push({ labels: combination.labels, path: path.join('.'), message });
  }
  if (combinations.length === 0)
    return { specs, faults: [{ path: 'exclude', message: 'leaves out every combination' }] };
  return { specs, faults: nameFaults(study, found, combinations.length) };
}

export interface CombinationFault {
  readonly labels: readonly string[];
  readonly path: string;
  readonly message: string;
}

/** Names the combination of each fault; one that all of them share is said once. */
export function nameFaults(
  study: StudySpec,
  faults: readonly CombinationFault[],
  numCombinations: number,
): StudyFault[] {
  const groups = new Map<string, CombinationFault[]>();
  for (const fault of faults) {
    const key = `${fault.path}\n${fault.message}`;
    groups.set(key, [...(groups.get(key) ?? []), fault]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const isShared = group.length === numCombinations && numCombinations > 1;
    if (isShared) return [{ path: `[every combination] ${first.path}`, message: first.message }];
    return group.map(({ labels, path, message }) => ({
      path: `[${combinationText(study, labels)}] ${path}`,
      message,
    }));
  });
}

function labelsOf(values: readonly { readonly label: string }[]): string[] {
  return values.map(({ label }) => label);
}

function product<T>(lists: readonly (readonly T[])[]): T[][] {
  return lists.reduce<T[][]>((heads, list) => heads.flatMap((head) => list.map((item) => [...head, item])), [[]]);
}

function isExcluded(study: StudySpec, labels: readonly string[]): boolean {
  return study.exclude.some((excluded) =>
    study.axes.every(({ name }, index) => !Object.hasOwn(excluded, name) || excluded[name] === labels[index]),
  );
}

/** Puts labels where `{axis}` stands. */
function fill(value: unknown, labels: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') {
    const text = value.replaceAll(/\{([a-z][a-z0-9-]*)\}/g, (place, axis: string) => labels.get(axis) ?? place);
    const isPlace = /^\{[a-z][a-z0-9-]*\}$/.test(value);
    return isPlace && text !== '' && String(Number(text)) === text ? Number(text) : text;
  }
  if (Array.isArray(value)) return value.map((item) => fill(item, labels));
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, labels)]));
  return value;
}
