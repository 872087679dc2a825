import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { writeShards } from '../../../libs/dataset/src/testing/test-shards.js';
import type { Operation } from '../../operations/operation.js';
import { runSkiplane } from '../../operations/run-skiplane.js';
import type { Scenario } from '../../operations/scenario.js';
import { folderOf } from '../forms.js';
import { startVersitygw, versitygw } from '../parts/versitygw.js';
import { startWebServer } from '../parts/web-server.js';

/** What a person is told, and that nobody waits for what no patience mends. */
interface Refusal {
  readonly location: string;
  readonly env: Readonly<Record<string, string>>;
  readonly words: RegExp;
}

const SOON_MS = 20_000;

async function isTold(operation: Operation, { location, env, words }: Refusal): Promise<void> {
  const start = performance.now();
  const own = { SKIPLANE_SHARD_CACHE: join(operation.folder, 'cache'), ...env };
  const { code, text } = await runSkiplane(['data', 'inspect', location, '--kind', 'webdataset'], own);
  const tookMs = performance.now() - start;
  if (code !== 2 || !words.test(text)) throw new Error(`${location}: code ${code}: ${text}`);
  if (tookMs > SOON_MS) throw new Error(`${location}: told after ${Math.round(tookMs)} ms`);
  operation.note(text.trim().split('\n').slice(0, 2).join(' '));
}
