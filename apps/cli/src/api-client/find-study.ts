import { RefusedInputError, type StudySummary, type StudyView, type UnreadableRecord } from '#contracts';
import { ProblemError } from './api-errors.js';
import type { SkiplaneClient } from './skiplane-client.js';

const PAGE = 100;

/** The study a person means: a full id, the unique beginning of one, or `latest`. One that is not there is a 404. */
export async function findStudy(client: SkiplaneClient, reference: string): Promise<StudyView> {
  if (reference === 'latest') {
    const [study] = (await client.studies({ limit: 1 })).studies;
    if (study === undefined) throw notFound('there are no studies yet: submit one with skiplane study FILE');
    return client.study(study.id);
  }
  try {
    return await client.study(reference);
  } catch (error) {
    if (!(error instanceof ProblemError) || error.problem.status !== 404) throw error;
  }
  const matches: StudySummary[] = [];
  let unreadable: UnreadableRecord | undefined;
  for (let offset = 0, total = 1; offset < total; offset += PAGE) {
    const page = await client.studies({ offset, limit: PAGE });
    total = page.total;
    matches.push(...page.studies.filter((study) => study.id.startsWith(reference)));
    unreadable = page.unreadable.find(({ id }) => id.startsWith(reference));
  }
  const [study, ...others] = matches;
  // The answer says what is wrong with it.
  if (study === undefined && unreadable !== undefined) return client.study(unreadable.id);
  if (study === undefined) throw notFound(`no study has the id ${reference} or an id that begins so`);
  if (others.length > 0) {
    throw new RefusedInputError(
      `${matches.length} studies have an id that begins with ${reference}`,
      matches.map((match) => ({ path: match.id, message: `${match.name}, ${match.state}` })),
    );
  }
  return client.study(study.id);
}

function notFound(detail: string): ProblemError {
  return new ProblemError({ type: 'about:blank', title: 'Not found', status: 404, detail });
}
