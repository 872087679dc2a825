import type { LogList, LogTail } from '#contracts';
import { queryOptions } from '@tanstack/react-query';
import { request } from './http.js';

const REFRESH_MS = 5_000;

export function logListQuery() {
  return queryOptions({
    queryKey: ['logs'],
    queryFn: async ({ signal }) => (await request('v1/logs', { signal })) as LogList,
    refetchInterval: REFRESH_MS,
  });
}

/** The last lines of a log, as of when it was opened; the stream goes on from there. */
export function logTailQuery(name: string, numLines: number) {
  return queryOptions({
    queryKey: ['logs', name, numLines],
    queryFn: async ({ signal }) => (await request(`${logPath(name)}?lines=${numLines}`, { signal })) as LogTail,
    staleTime: Infinity,
    gcTime: 0,
  });
}

export function logPath(name: string): string {
  return `v1/logs/${encodeURIComponent(name)}`;
}
