import type { StudyList, StudyTable, StudyView } from '#contracts';
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { heldOf } from './held-answer.js';
import { request } from './http.js';
import { PAGE_SIZE } from './queries.js';

const REFRESH_MS = 2_000;

/** Newest first; `page` counts from 0. */
export function studyListQuery(page: number) {
  return queryOptions({
    queryKey: ['studies', 'list', page],
    queryFn: async ({ signal }) =>
      (await request(`v1/studies?offset=${page * PAGE_SIZE}&limit=${PAGE_SIZE}`, { signal })) as StudyList,
    refetchInterval: REFRESH_MS,
    placeholderData: (previous) => previous,
  });
}

function studyKey(id: string): readonly unknown[] {
  return ['studies', 'one', id];
}

/** A study and its runs, asked for again until it is over. */
export function studyQuery(id: string) {
  return queryOptions({
    queryKey: studyKey(id),
    queryFn: async ({ signal }) => (await request(studyPath(id), { signal })) as StudyView,
    refetchInterval: ({ state: { data } }) => (data === undefined || data.state === 'running' ? REFRESH_MS : false),
  });
}

/** The table of a study's errors as it was at `mark`, which changes whenever one of its runs gets further. */
export function studyTableQuery(id: string, mark: string) {
  const tableKey = [...studyKey(id), 'table'];
  return queryOptions({
    queryKey: [...tableKey, mark],
    queryFn: async ({ signal }) => (await request(`${studyPath(id)}/table?format=json`, { signal })) as StudyTable,
    placeholderData: heldOf(tableKey),
    gcTime: 0,
  });
}

/** Ends a study and its runs. */
export function useCancelStudy(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => request(`${studyPath(id)}/cancel`, { method: 'POST' }),
    onSettled: () => client.invalidateQueries({ queryKey: studyKey(id) }),
  });
}

export function studyPath(id: string): string {
  return `v1/studies/${encodeURIComponent(id)}`;
}
