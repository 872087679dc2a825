import { problem, ProblemException } from '../http/problem.js';
import type { TrainingRun } from './live-run.js';
import type { RunDetail } from './run-detail.js';

/** Long enough for any run whose columns are up to date. */
const LIMIT_MS = 5_000;

/**
 * What a query of a run's detail finds. A detail that has to be read whole takes some 1.7 s of CPU for every 100,000 steps: then the
 * request is answered 503, and the reading goes on.
 */
export async function askDetail<T>(run: TrainingRun, query: (detail: RunDetail) => T, limitMs = LIMIT_MS): Promise<T> {
  const answer = run.detail.ask(query);
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    const words = `the steps of run ${run.id} are being read anew from its record: ask again in some seconds`;
    timer = setTimeout(() => reject(new ProblemException(problem(503, words))), limitMs);
  });
  try {
    return await Promise.race([answer, limit]);
  } finally {
    clearTimeout(timer);
    answer.catch(() => undefined);
  }
}
