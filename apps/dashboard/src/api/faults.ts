import type { Problem } from '#contracts';
import { queryOptions } from '@tanstack/react-query';
import { ApiError, request } from './http.js';

const REFRESH_MS = 5_000;

export type Fault = NonNullable<Problem['errors']>[number];

/** What is wrong with the coordinator now: Redis does not answer, its disk is full, ... */
export function faultsQuery() {
  return queryOptions({
    queryKey: ['faults'],
    queryFn: async ({ signal }): Promise<readonly Fault[]> => {
      try {
        await request('health/ready', { signal, isPublic: true });
        return [];
      } catch (error) {
        if (error instanceof ApiError && error.status === 503) return error.problem?.errors ?? [];
        throw error;
      }
    },
    refetchInterval: REFRESH_MS,
  });
}
