import type { Health } from '#contracts';
import { queryOptions } from '@tanstack/react-query';
import { request } from './http.js';

const REFRESH_MS = 5_000;

/** What is wrong now, with the coordinator and around it. */
export function healthQuery() {
  return queryOptions({
    queryKey: ['health'],
    queryFn: async ({ signal }) => (await request('v1/health', { signal })) as Health,
    refetchInterval: REFRESH_MS,
  });
}
