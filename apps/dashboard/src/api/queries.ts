import type { RunList, RunMetrics, RunView, WorkerHeartbeat, WorkerList } from '#contracts';
import { queryOptions, useQueryClient, type QueryClient } from '@tanstack/react-query';
import type { StepRange } from '../charts/step-range.js';
import { request } from './http.js';
import { type RunFilter, runFilterQuery } from '../runs/run-filter.js';
import { heldOf } from './held-answer.js';
import { mergeFetched, REQUESTED_POINTS } from './live-metrics.js';

const LIST_REFRESH_MS = 2000;

/** How many runs one page of the list shows. */
export const PAGE_SIZE = 25;

/** The runs that match; `page` counts from 0. */
export function runListQuery(filter: RunFilter, page: number) {
  const search = runFilterQuery(filter);
  search.set('offset', String(page * PAGE_SIZE));
  search.set('limit', String(PAGE_SIZE));
  return queryOptions({
    queryKey: [...RUN_LISTS_KEY, search.toString()],
    queryFn: async ({ signal }) => (await request(`v1/runs?${search.toString()}`, { signal })) as RunList,
    refetchInterval: LIST_REFRESH_MS,
    placeholderData: (previous) => previous,
  });
}

/** Of all lists of runs, whatever they show. */
export const RUN_LISTS_KEY: readonly unknown[] = ['runs', 'list'];

export function runKey(id: string): readonly unknown[] {
  return ['runs', 'one', id];
}

/** `isStreamed`: the event stream keeps it fresh, so polling is only a slow safety net. */
export function runQuery(id: string, isStreamed: boolean) {
  return queryOptions({
    queryKey: runKey(id),
    queryFn: async ({ signal }) => (await request(runPath(id), { signal })) as RunView,
    refetchInterval: isStreamed ? 15_000 : LIST_REFRESH_MS,
  });
}

export function metricsKey(id: string): readonly unknown[] {
  return ['metrics', id];
}

/** The whole series, thinned by the coordinator; the stream appends to it. */
function metricsQuery(id: string, client: QueryClient) {
  return queryOptions({
    queryKey: metricsKey(id),
    queryFn: async ({ signal }) => {
      const fetched = (await request(`${runPath(id)}/metrics?points=${REQUESTED_POINTS}`, { signal })) as RunMetrics;
      return mergeFetched(client.getQueryData<RunMetrics>(metricsKey(id)), fetched);
    },
    // Comparing thousands of points to keep equal ones identical costs more than drawing them again.
    structuralSharing: false,
  });
}

export function useMetricsQuery(id: string) {
  return metricsQuery(id, useQueryClient());
}

/**
 * Steps of a range, thinned by themselves; `isGrowing`: the run may commit more of them. When it may no longer, they are
 * asked for once more: the last ones were committed after the answer that is held.
 */
export function metricsRangeQuery(id: string, { from, to }: StepRange, isGrowing: boolean) {
  const search = `from=${from}&to=${to}&points=${REQUESTED_POINTS}`;
  const rangeKey: readonly unknown[] = ['metrics-range', id, search];
  return queryOptions({
    queryKey: [...rangeKey, isGrowing],
    queryFn: async ({ signal }) => (await request(`${runPath(id)}/metrics?${search}`, { signal })) as RunMetrics,
    placeholderData: heldOf(rangeKey),
    refetchInterval: isGrowing ? LIST_REFRESH_MS : false,
    gcTime: 60_000,
    structuralSharing: false,
  });
}

export function workersQuery() {
  return queryOptions({
    queryKey: ['workers'],
    queryFn: async ({ signal }) => workersOf(await request('v1/workers', { signal })),
    refetchInterval: LIST_REFRESH_MS,
  });
}

function workersOf(body: unknown): readonly WorkerHeartbeat[] {
  const { workers } = body as WorkerList;
  return workers.toSorted((left, right) => left.workerId.localeCompare(right.workerId));
}

export function runPath(id: string): string {
  return `v1/runs/${encodeURIComponent(id)}`;
}
