import { runListSchema } from '#contracts';
import { CoordinatorProcess } from './coordinator-process.js';
import type { Figure } from './figure.js';
import { makeManyRuns } from './make-many-runs.js';
import { slowest } from './slowest.js';

const REPEATS = 7;
const PAGE = 50;
const MB = 2 ** 20;
const KB = 1_000;

/** So many runs that are over. `dataDirectory` is the coordinator's, and empty. */
export async function measureMany(dataDirectory: string, redisUrl: string, numRuns: number): Promise<Figure[]> {
  await makeManyRuns(dataDirectory, numRuns);
  const figures: Figure[] = [];
  const add = (what: string, value: number, unit: Figure['unit'], goal: number | null): void => {
    figures.push({ what, size: numRuns, value, unit, goal });
  };
  {
    await using first = await CoordinatorProcess.start(dataDirectory, redisUrl);
    add('first start', first.startMs, 'ms', null);
  }
  await using coordinator = await CoordinatorProcess.start(dataDirectory, redisUrl);
  add('start', coordinator.startMs, 'ms', 3_000);
  for (const [what, query] of Object.entries(queriesOf(numRuns))) {
    const path = `/v1/runs?limit=${PAGE}&${query}`;
    await coordinator.get(path);
    const { median, answers } = await slowest(coordinator, Array<string>(REPEATS).fill(path));
    add(`list, ${what}`, median, 'ms', 100);
    const page = answers[0];
    if (page === undefined || runListSchema.parse(page.body).runs.length === 0)
      throw new Error(`${path} finds nothing`);
    add(`size of a page, ${what}`, page.bytes / KB, 'kB', 50);
  }
  add('memory', (await coordinator.memory()).peak / MB, 'MB', 300);
  return figures;
}

/** What a person asks of a list; every one finds something. */
function queriesOf(numRuns: number): Record<string, string> {
  return {
    newest: 'offset=0',
    oldest: `offset=${numRuns - PAGE > 0 ? numRuns - PAGE : 0}`,
    'by state': 'state=failed',
    'by words': 'q=birds',
    'by a field of the spec': `where=${encodeURIComponent('optimizer.learningRate=0.05')}`,
    'by name': 'sort=name',
  };
}
