import { z } from 'zod';

/** A grid of more runs than this is a mistake sooner than a plan. */
const MAX_RUNS = 1_000;
const RESERVED_AXES: readonly string[] = ['seed', 'iteration'];
const RESERVED_FIELDS: readonly string[] = ['name', 'seed'];

/** Goes into names of runs, so it has their characters. */
const label = z
  .string()
  .min(1)
  .max(40)
  .regex(/^[\w .:@-]+$/, 'letters, digits, space and . : @ - _ only');

/** Part of a run's spec as JSON; what it holds is checked once it is merged. */
const partialSpec = z.record(z.string(), z.unknown());

/** `20` is short for `{ "label": "20", "spec": {} }`: a value that only fills places such as `"resnet{depth}"`. */
const axisValueSchema = z.union([
  z.union([label, z.number()]).transform((value) => ({ label: String(value), spec: {} as Record<string, unknown> })),
  z.strictObject({
    label,
    /** Merged over the base: objects field by field, anything else replaces, null takes a field away (RFC 7396). */
    spec: partialSpec.default({}),
  }),
]);

const axisSchema = z.strictObject({
  name: z
    .string()
    .max(30)
    .regex(/^[a-z][a-z0-9-]*$/, 'small letters, digits and - only, a letter first'),
  values: z.array(axisValueSchema).min(1).max(100),
});

/**
 * What a user submits: one run's spec, the axes along which it is changed, and seeds. Every combination of one value
 * from each axis is trained once with each seed. `{axis}` in any text of the spec stands for the label of that axis'
 * value; a text that is nothing else and reads as a number becomes one.
 */
export const studySpecSchema = z
  .strictObject({
    name: label,
    /** A run's spec without name and seed, which the study gives. */
    base: partialSpec,
    /** The first axis makes the panels of a figure, the others its curves; later axes are merged over earlier ones. */
    axes: z.array(axisSchema).min(1).max(6),
    seeds: z.array(z.int().min(0).max(0xffff_ffff)).min(1).max(100).default([1]),
    /** Combinations to leave out: axis to label, each matches every combination that has these labels. */
    exclude: z.array(z.record(z.string(), z.coerce.string())).max(1_000).default([]),
  })
  .superRefine((study, context) => {
    for (const { path, message } of studyFaults(study)) context.addIssue({ code: 'custom', path: [...path], message });
  })
  .meta({ id: 'StudySpec' });

export type StudySpec = z.infer<typeof studySpecSchema>;
/** A study as the user writes it, before defaults are filled in. */
export type StudySpecInput = z.input<typeof studySpecSchema>;
export type StudyAxis = z.infer<typeof axisSchema>;

interface Fault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

function studyFaults(study: Omit<StudySpec, 'name'>): Fault[] {
  const { axes, seeds } = study;
  const numRuns = axes.reduce((product, { values }) => product * values.length, seeds.length);
  return [
    ...reservedFields(['base'], study.base),
    ...axes.flatMap((axis, index) => axisFaults(axis, index)),
    ...repeated(axes.map(({ name }) => name)).map((index) => ({
      path: ['axes', index, 'name'],
      message: 'another axis has this name',
    })),
    ...repeated(seeds).map((index) => ({ path: ['seeds', index], message: 'this seed is there already' })),
    ...study.exclude.flatMap((excluded, index) => excludeFaults(axes, excluded, index)),
    ...(numRuns > MAX_RUNS
      ? [{ path: ['axes'], message: `the grid has ${numRuns} runs, at most ${MAX_RUNS} are taken` }]
      : []),
  ];
}

function axisFaults({ name, values }: StudyAxis, index: number): Fault[] {
  const reserved = RESERVED_AXES.includes(name)
    ? [{ path: ['axes', index, 'name'], message: `"${name}" has a meaning of its own, choose another name` }]
    : [];
  const twice = repeated(values.map((value) => value.label)).map((at) => ({
    path: ['axes', index, 'values', at],
    message: 'another value of the axis has this label',
  }));
  return [
    ...reserved,
    ...twice,
    ...values.flatMap(({ spec }, at) => reservedFields(['axes', index, 'values', at, 'spec'], spec)),
  ];
}

function reservedFields(path: readonly (string | number)[], spec: Readonly<Record<string, unknown>>): Fault[] {
  return RESERVED_FIELDS.filter((field) => Object.hasOwn(spec, field)).map((field) => ({
    path: [...path, field],
    message: field === 'seed' ? 'give the study seeds instead' : 'the study names its runs',
  }));
}

function excludeFaults(axes: readonly StudyAxis[], excluded: Readonly<Record<string, string>>, index: number): Fault[] {
  const entries = Object.entries(excluded);
  if (entries.length === 0) return [{ path: ['exclude', index], message: 'names no axis, so it would leave out all' }];
  return entries.flatMap(([name, wanted]) => {
    const axis = axes.find((one) => one.name === name);
    const known = axis?.values.map((value) => value.label) ?? [];
    if (known.includes(wanted)) return [];
    const message = axis === undefined ? 'there is no such axis' : `is none of ${known.join(', ')}`;
    return [{ path: ['exclude', index, name], message }];
  });
}

/** Indices of what was there before. */
function repeated(items: readonly unknown[]): number[] {
  return items.flatMap((item, index) => (items.indexOf(item) < index ? [index] : []));
}
