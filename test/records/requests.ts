import { runViewSchema, type RunView } from '#contracts';
import { z } from 'zod';
import { until } from '../../apps/coordinator/src/testing/until.js';

const withId = z.object({ id: z.string() });

/** Posts to the API and gives back the id of what was answered with. */
export async function postJson(url: string, body?: unknown, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text}`);
  return withId.parse(JSON.parse(text)).id;
}

export async function readJson(url: string): Promise<unknown> {
  return await (await fetch(url)).json();
}

export async function runWhen(url: string, id: string, isWanted: (view: RunView) => boolean): Promise<RunView> {
  return await until(async () => runViewSchema.parse(await readJson(`${url}/v1/runs/${id}`)), isWanted, {
    what: `run ${id}`,
    timeoutMs: 60_000,
    everyMs: 50,
  });
}
