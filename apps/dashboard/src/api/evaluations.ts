import type { EvaluationList, EvaluationRequestInput, EvaluationView } from '#contracts';
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { isOver } from '../runs/run-states.js';
import { request } from './http.js';
import { runPath } from './queries.js';
import { newIdempotencyKey, submit } from './submissions.js';

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

/** Asks for an evaluation of the run's newest checkpoint. `onProgress` is told what is done meanwhile. */
export function useSubmitEvaluation(runId: string, onProgress: (message: string) => void) {
  const client = useQueryClient();
  // Of each request whose answer has not come: clicked again, it is found and not doubled.
  const keys = useRef(new Map<string, string>());
  return useMutation({
    mutationFn: async (asked: EvaluationRequestInput) => {
      const body = JSON.stringify(asked);
      const idempotencyKey = keys.current.get(body) ?? newIdempotencyKey();
      keys.current.set(body, idempotencyKey);
      await submit(`${runPath(runId)}/evaluations`, { body, idempotencyKey }, onProgress);
      keys.current.delete(body);
    },
    onSettled: () => client.invalidateQueries({ queryKey: listKey(runId) }),
  });
}
