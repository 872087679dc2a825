import type { EvaluationList, EvaluationRequestInput, EvaluationView } from '#contracts';
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { isOver } from '../runs/run-states.js';
import { request } from './http.js';
import { runPath } from './queries.js';

const ACTIVE_REFRESH_MS = 2_000;
const IDLE_REFRESH_MS = 15_000;

function listKey(runId: string): readonly unknown[] {
  return ['evaluations', runId];
}

/** The evaluations of a run, newest first, without classes and confusions. */
export function evaluationsQuery(runId: string) {
  return queryOptions({
    queryKey: listKey(runId),
    queryFn: async ({ signal }) => (await request(`${runPath(runId)}/evaluations`, { signal })) as EvaluationList,
    refetchInterval: ({ state: { data } }) =>
      data?.evaluations.some(({ state }) => !isOver(state)) === true ? ACTIVE_REFRESH_MS : IDLE_REFRESH_MS,
  });
}

/** One evaluation that is over, in full; it does not change any more. */
export function evaluationQuery(runId: string, id: string) {
  return queryOptions({
    queryKey: ['evaluations', runId, id],
    queryFn: async ({ signal }) =>
      (await request(`${runPath(runId)}/evaluations/${encodeURIComponent(id)}`, { signal })) as EvaluationView,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Asks for an evaluation of the run's newest checkpoint. */
export function useSubmitEvaluation(runId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: EvaluationRequestInput) =>
      request(`${runPath(runId)}/evaluations`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    onSettled: () => client.invalidateQueries({ queryKey: listKey(runId) }),
  });
}
