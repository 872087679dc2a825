import { RefusedInputError, type RunSummary, type RunView, type UnreadableRecord } from '#contracts';
import { ProblemError } from './api-errors.js';
import type { SkiplaneClient } from './skiplane-client.js';

const PAGE = 100;

/** The run a person means: a full id, the unique beginning of one, or `latest`. A run that is not there is a 404. */
export async function findRun(client: SkiplaneClient, reference: string): Promise<RunView> {
  if (reference === 'latest') {
    const [run] = (await client.runs({ limit: 1 })).runs;
    if (run === undefined) throw notFound('there are no runs yet: submit one with skiplane submit FILE');
    return client.run(run.id);
  }
  try {
    return await client.run(reference);
  } catch (error) {
    // 400: the coordinator may refuse what is no whole id.
    if (!(error instanceof ProblemError) || ![400, 404].includes(error.problem.status)) throw error;
  }
  const matches: RunSummary[] = [];
  let unreadable: UnreadableRecord | undefined;
  for (let offset = 0, total = 1; offset < total; offset += PAGE) {
    const page = await client.runs({ offset, limit: PAGE });
    total = page.total;
    matches.push(...page.runs.filter((run) => run.id.startsWith(reference)));
    unreadable = page.unreadable.find(({ id }) => id.startsWith(reference));
  }
  const [run, ...others] = matches;
  // The answer says what is wrong with it.
  if (run === undefined && unreadable !== undefined) return client.run(unreadable.id);
  if (run === undefined) throw notFound(`no run has the id ${reference} or an id that begins so: see skiplane ls`);
  if (others.length > 0) {
    throw new RefusedInputError(
      `${matches.length} runs have an id that begins with ${reference}`,
      matches.map((match) => ({ path: match.id, message: `${match.name}, ${match.state}` })),
    );
  }
  return client.run(run.id);
}

function notFound(detail: string): ProblemError {
  return new ProblemError({ type: 'about:blank', title: 'Not found', status: 404, detail });
}
