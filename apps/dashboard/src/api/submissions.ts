import type { Submission, SubmissionList } from '#contracts';
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

/** What is submitted; the key makes a repeated click harmless, also where the answer to the first was lost. */
export interface SubmissionBody {
  readonly body: string;
  readonly idempotencyKey: string;
}

/**
 * Submits to `path` and waits until what was asked for is made, however long its data set is looked at. Throws ApiError
 * where it is refused. The coordinator goes on when nobody waits.
 */
export async function submit(
  path: string,
  { body, idempotencyKey }: SubmissionBody,
  onProgress: (message: string) => void,
): Promise<unknown> {
  const headers = { 'content-type': 'application/json', 'idempotency-key': idempotencyKey };
  let answer = await request(path, { method: 'POST', body, headers });
  while (isSubmission(answer)) {
    const { id, message, problem, location } = answer;
    if (problem !== null) throw new ApiError(problem.status, problem);
    if (location !== null) return request(location.replace(/^\//, ''));
    onProgress(message);
    await new Promise((resolve) => setTimeout(resolve, REFRESH_MS));
    answer = await request(`v1/submissions/${encodeURIComponent(id)}`);
  }
  return answer;
}

function isSubmission(answer: unknown): answer is Submission {
  return typeof answer === 'object' && answer !== null && 'submittedAt' in answer;
}

/** A random key; `crypto.randomUUID` is missing on pages served without TLS from another host. */
export function newIdempotencyKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
