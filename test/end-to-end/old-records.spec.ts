import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { evaluationListSchema } from '#contracts';
import { makeShapesDataset } from '#dataset';
import { startStack } from '../../apps/cli/src/local-stack/index.js';
import { until } from '../../apps/coordinator/src/testing/until.js';
import { copyRecords, runIds } from '../records/copy-records.js';
import { postJson, readJson, runWhen } from '../records/requests.js';
import { isWhole } from '../support/training-stack.js';

it('records and checkpoints of the first version are trained on and evaluated', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'skiplane-old-'));
  try {
    const [data, shapes] = [join(folder, 'data'), join(folder, 'shapes')];
    // The one they were made with.
    await makeShapesDataset(shapes, { numTrain: 40, numVal: 20, imageSize: 16, seed: 1 });
    await copyRecords('v1', data, shapes);
    const ids = await runIds(data);
    const [paused = '', finished = ''] = [ids.get('paused'), ids.get('finished')];
    await using stack = await startStack({ dataDirectory: data, port: 0, device: 'cpu', engines: 1, workers: 1 });
    const before = await runWhen(stack.url, paused, ({ state }) => state === 'paused');
    await postJson(`${stack.url}/v1/runs/${paused}/resume`);
    const after = await runWhen(stack.url, paused, ({ state }) => state === 'finished');
    // Its first steps are those of the record, the others were trained now.
    expect(isWhole(after)).toBe(true);
    expect(after.incarnation).toBe(2);
    expect(after.progress.step).toBeGreaterThan(before.progress.step);
    const migrated: unknown = JSON.parse(await readFile(join(data, 'runs', paused, 'run.json'), 'utf8'));
    const written = await readFile(join(after.checkpoints.at(-1)?.directory ?? '', 'checkpoint.json'), 'utf8');
    expect(JSON.parse(written)).toMatchObject({
      version: 3,
      slots: { momentum: { file: 'slot-momentum.safetensors' } },
    });
    // Images are taken as that release took them.
    expect(migrated).toMatchObject({ version: 5, spec: { dataset: { orientation: 'as-stored' } } });

    await postJson(`${stack.url}/v1/runs/${finished}/evaluations`, { protocol: { kind: 'center' } });
    const { evaluations } = await until(
      async () => evaluationListSchema.parse(await readJson(`${stack.url}/v1/runs/${finished}/evaluations`)),
      (list) => list.evaluations[0]?.state === 'finished',
      { what: 'the evaluation', timeoutMs: 60_000, everyMs: 100 },
    );
    const [now, then] = evaluations.map(({ result }) => result);
    expect(now?.samples).toBe(then?.samples);
    // An image at most: another processor rounds otherwise.
    expect(Math.abs((now?.accuracy ?? 1) - (then?.accuracy ?? 0))).toBeLessThan(0.051);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 120_000);
