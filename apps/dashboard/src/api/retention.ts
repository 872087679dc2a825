import type { RetentionView } from '#contracts';
import { queryOptions } from '@tanstack/react-query';
import { request } from './http.js';
import { PAGE_SIZE } from './queries.js';

const REFRESH_MS = 15_000;

/** What the retention will delete, and when; `page` counts from 0. */
export function retentionQuery(page: number) {
  return queryOptions({
    queryKey: ['retention', page],
    queryFn: async ({ signal }) =>
      (await request(`v1/retention?offset=${page * PAGE_SIZE}&limit=${PAGE_SIZE}`, { signal })) as RetentionView,
    refetchInterval: REFRESH_MS,
    placeholderData: (previous) => previous,
  });
}
