import { RUN_SORTS, RUN_STATES, tagSchema, type RunSort, type UnreadableRecord } from '#contracts';
import { z } from 'zod';
import type { RunFacts } from './run-facts.js';
import { specConditionSchema } from './spec-condition.js';

/** Which page of a list. */
export const pageQuerySchema = z.strictObject({
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});

/** A parameter that may be repeated. */
const repeated = <T>(item: z.ZodType<T, string>) =>
  z.preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(item).max(50)).default([]);
/** A parameter that may be repeated, or hold several values between commas. */
export const several = <T>(item: z.ZodType<T, string>) =>
  z.preprocess(
    (value) =>
      (Array.isArray(value) ? value : [value]).flatMap((one: unknown) =>
        typeof one === 'string' ? one.split(',') : [one],
      ),
    z.array(item).max(50),
  );

/** Words that all have to be found. */
export const wordsSchema = z
  .string()
  .max(200)
  .transform((text) =>
    text
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== ''),
  );

/** Query of GET /v1/runs. A run is found that fulfils all of it. */
export const runsQuerySchema = pageQuerySchema.extend({
  state: several(z.enum(RUN_STATES)).optional(),
  study: z.string().optional(),
  tag: several(tagSchema).optional(),
  archived: z.enum(['false', 'true', 'all']).default('false'),
  q: wordsSchema.optional(),
  ref: z.string().min(1).max(200).optional(),
  where: repeated(specConditionSchema),
  sort: z.enum(RUN_SORTS).default('created'),
});
export type RunsQuery = z.infer<typeof runsQuerySchema>;

/** The runs that a query finds, sorted. */
export function foundRuns(runs: readonly RunFacts[], query: RunsQuery): RunFacts[] {
  const conditions = conditionsOf(query);
  return runs.filter((run) => conditions.every((holds) => holds(run))).sort(ORDERS[query.sort]);
}

/** What cannot be read is in no state and has no tags: only a list of everything, or a search by id, names it. */
export function unreadableFor(query: RunsQuery, records: readonly UnreadableRecord[]): UnreadableRecord[] {
  const { archived, where, sort: _sort, offset: _offset, limit: _limit, ref, ...filters } = query;
  const isFiltered = archived === 'true' || where.length > 0 || Object.values(filters).some((one) => one !== undefined);
  return isFiltered ? [] : records.filter(({ id }) => ref === undefined || id.startsWith(ref));
}

type Condition = (run: RunFacts) => boolean;

/** The cheap ones first. */
function conditionsOf({ state, study, tag, archived, q, ref, where }: RunsQuery): Condition[] {
  const conditions: (Condition | undefined)[] = [
    archived === 'all' ? undefined : (run) => run.isArchived === (archived === 'true'),
    state && ((run) => state.includes(run.state)),
    study === undefined ? undefined : (run) => run.studyId === study,
    ref === undefined ? undefined : (run) => run.id.startsWith(ref) || run.name === ref,
    tag && ((run) => tag.every((one) => run.tags.includes(one))),
    where.length === 0 ? undefined : (run) => where.every((holds) => holds(run.spec)),
    q && ((run) => containsWords(`${run.name} ${run.id} ${run.tags.join(' ')} ${run.notes}`, q)),
  ];
  return conditions.filter((condition) => condition !== undefined);
}

/** Whether a text has all of the words, whatever their case. `words`: in lower case. */
export function containsWords(text: string, words: readonly string[]): boolean {
  const lower = text.toLowerCase();
  return words.every((word) => lower.includes(word));
}

type Order = (left: RunFacts, right: RunFacts) => number;

const newestFirst: Order = (left, right) => right.createdAt - left.createdAt || (left.id < right.id ? 1 : -1);

/** By a number, the least first; a run without one comes last. */
const by =
  (numberOf: (run: RunFacts) => number | null): Order =>
  (left, right) =>
    (numberOf(left) ?? Infinity) - (numberOf(right) ?? Infinity) || newestFirst(left, right);

const negative = (value: number | null): number | null => (value === null ? null : -value);

const ORDERS: Readonly<Record<RunSort, Order>> = {
  created: newestFirst,
  name: (left, right) => (left.name === right.name ? newestFirst(left, right) : left.name < right.name ? -1 : 1),
  accuracy: by((run) => negative(run.summary().progress.valAccuracy)),
  loss: by((run) => run.summary().progress.loss),
};
