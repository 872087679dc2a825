import type { RunView, Submission, SubmissionList } from '#contracts';
import { queryOptions } from '@tanstack/react-query';
import { ApiError, request } from './http.js';

const REFRESH_MS = 2_000;

/** What is still looked at, and what became of it; newest first. */
export function submissionsQuery() {
  return queryOptions({
    queryKey: ['submissions'],
    queryFn: async ({ signal }) => ((await request('v1/submissions', { signal })) as SubmissionList).submissions,
    refetchInterval: REFRESH_MS,
  });
}

/**
 * Submits a run and waits until it is one, however long its data set is looked at. Throws ApiError where it is refused. The
 * coordinator goes on when nobody waits.
 */
export async function submitRun(
  body: string,
  idempotencyKey: string,
  onProgress: (message: string) => void,
): Promise<RunView> {
  const headers = { 'content-type': 'application/json', 'idempotency-key': idempotencyKey };
  let answer = (await request('v1/runs', { method: 'POST', body, headers })) as RunView | Submission;
  while (isSubmission(answer)) {
    const { id, message, problem, location } = answer;
    if (problem !== null) throw new ApiError(problem.status, problem);
    if (location !== null) return (await request(location.replace(/^\//, ''))) as RunView;
    onProgress(message);
    await new Promise((resolve) => setTimeout(resolve, REFRESH_MS));
    answer = (await request(`v1/submissions/${encodeURIComponent(id)}`)) as Submission;
  }
  return answer;
}

function isSubmission(answer: RunView | Submission): answer is Submission {
  return 'submittedAt' in answer;
}
