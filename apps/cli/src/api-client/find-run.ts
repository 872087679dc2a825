import { RefusedInputError, type RunView } from '#contracts';
import { ProblemError } from './api-errors.js';
import type { SkiplaneClient } from './skiplane-client.js';

/** Of an ambiguous reference so many candidates are looked at. */
const MOST_NAMED = 100;

/** The run a person means: a full id, the unique beginning of one, a unique name, or `latest`. A run that is not there is a 404. */
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
  const { runs, unreadable } = await client.runs({ ref: reference, archived: 'all', limit: MOST_NAMED });
  // A name may look like the beginning of an id: the id counts.
  const byId = runs.filter(({ id }) => id.startsWith(reference));
  const matches = byId.length > 0 ? byId : runs;
  const [run, ...others] = matches;
  const [damaged] = unreadable;
  // The answer says what is wrong with it.
  if (run === undefined && damaged !== undefined) return client.run(damaged.id);
  if (run === undefined)
    throw notFound(`no run has the id or name ${reference} or an id that begins so: see skiplane ls`);
  if (others.length > 0) {
    throw new RefusedInputError(
      `${matches.length} runs have the name ${reference} or an id that begins so`,
      matches.map((match) => ({ path: match.id, message: `${match.name}, ${match.state}` })),
    );
  }
  return client.run(run.id);
}

function notFound(detail: string): ProblemError {
  return new ProblemError({ type: 'about:blank', title: 'Not found', status: 404, detail });
}
