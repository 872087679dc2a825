import type { RunSort } from '#contracts';
import { RUN_STATES, type RunState } from './run-states.js';

/** Whether runs that were put away are listed. */
export const ARCHIVED = ['false', 'true', 'all'] as const;
export type Archived = (typeof ARCHIVED)[number];

/** The orders of the contract; one missing here is a type error. */
const SORTS = { created: true, name: true, accuracy: true, loss: true } satisfies Record<RunSort, true>;
export const RUN_SORTS = Object.keys(SORTS) as RunSort[];

/** Which runs a list shows, and in which order. Every part that is given has to hold. */
export interface RunFilter {
  /** In name, id, tags or notes; empty: any. */
  readonly words: string;
  /** One of them; none: any. */
  readonly states: readonly RunState[];
  /** All of them. */
  readonly tags: readonly string[];
  readonly archived: Archived;
  /** Terms on fields of the spec, such as `optimizer.learningRate=0.1`; all of them. */
  readonly where: readonly string[];
  readonly sort: RunSort;
}

export const ANY_RUN: RunFilter = { words: '', states: [], tags: [], archived: 'false', where: [], sort: 'created' };

/** Reads a filter from the page's address; what is unknown in it is passed over. */
export function parseRunFilter(search: URLSearchParams): RunFilter {
  return {
    words: search.get('q') ?? '',
    states: RUN_STATES.filter((state) => search.getAll('state').includes(state)),
    tags: [...new Set(search.getAll('tag'))],
    archived: ARCHIVED.find((known) => known === search.get('archived')) ?? 'false',
    where: [...new Set(search.getAll('where'))],
    sort: RUN_SORTS.find((known) => known === search.get('sort')) ?? 'created',
  };
}

/** The filter as the query of the page's address, which is that of GET /v1/runs, too; what is the default is left out. */
export function runFilterQuery(filter: RunFilter): URLSearchParams {
  const { words, states, tags, archived, where, sort } = filter;
  return new URLSearchParams([
    ...(words === '' ? [] : [['q', words]]),
    ...states.map((state) => ['state', state]),
    ...tags.map((tag) => ['tag', tag]),
    ...(archived === 'false' ? [] : [['archived', archived]]),
    ...where.map((term) => ['where', term]),
    ...(sort === 'created' ? [] : [['sort', sort]]),
  ]);
}

/** Whether runs may be missing from the list because of it. */
export function isNarrow(filter: RunFilter): boolean {
  return runFilterQuery({ ...filter, archived: 'false', sort: 'created' }).size > 0 || filter.archived === 'true';
}

/** `optimizer.learningRate = 0.1` -> `optimizer.learningRate=0.1`; null where it is no term. */
export function parseTerm(text: string): string | null {
  const [, path, sign, value] = /^\s*([\w.]+)\s*(=|!=|<=?|>=?)\s*(.*?)\s*$/.exec(text) ?? [];
  return path === undefined || sign === undefined || !value ? null : `${path}${sign}${value}`;
}
