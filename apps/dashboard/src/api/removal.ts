import type { Removal, RunView } from '#contracts';
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { request } from './http.js';
import { RUN_LISTS_KEY, runKey, runPath } from './queries.js';

/** Deleting many checkpoints from a shared disk takes a while. */
const TIMEOUT_MS = 120_000;

/** What deleting the run would come to now. */
export function removalQuery(id: string) {
  return queryOptions({
    queryKey: ['removal', id],
    queryFn: async ({ signal }) => (await request(`${runPath(id)}/removal`, { signal })) as Removal,
    staleTime: 0,
    gcTime: 0,
  });
}

/** Deletes a run that is over, for good. */
export function useDeleteRun(run: Pick<RunView, 'id'>, onDone: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => request(runPath(run.id), { method: 'DELETE', timeoutMs: TIMEOUT_MS }),
    onSuccess: () => {
      onDone();
      client.removeQueries({ queryKey: runKey(run.id) });
    },
    onSettled: () => client.invalidateQueries({ queryKey: RUN_LISTS_KEY }),
  });
}
