import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { studyViewSchema, type RunSpecInput, type StudySpecInput } from '#contracts';
import { makeShapesDataset } from '#dataset';
import { startStack } from '../../apps/cli/src/local-stack/index.js';
import { until } from '../../apps/coordinator/src/testing/until.js';
import { MADE_IN } from './copy-records.js';
import { postJson, readJson, runWhen } from './requests.js';

/** `node dist/test/records/make-records.js test/fixtures/records/vN`: what the next release must still read. */
const [target] = process.argv.slice(2);
if (target === undefined) throw new Error('node dist/test/records/make-records.js FOLDER');

const dataDirectory = join(MADE_IN, 'data');
await rm(MADE_IN, { recursive: true, force: true });
await makeShapesDataset(join(MADE_IN, 'shapes'), { numTrain: 40, numVal: 20, imageSize: 16, seed: 1 });

const base: Omit<RunSpecInput, 'name'> = {
  model: {
    architecture: 'custom',
    blocks: { kind: 'basic', stem: '3x3', widths: [4, 8], numBlocks: [1, 1] },
    numClasses: 10,
    imageSize: 16,
  },
  dataset: { kind: 'image-folder', path: join(MADE_IN, 'shapes') },
  lanes: 2,
  laneBatchSize: 4,
  epochs: 2,
  checkpoint: { everySteps: 5, keep: 1 },
};
const paused: RunSpecInput = { ...base, name: 'paused', epochs: 20, mixedDevices: true };
const study: StudySpecInput = {
  name: 'rates',
  base,
  axes: [{ name: 'lanes', values: [1, 2].map((lanes) => ({ label: String(lanes), spec: { lanes } })) }],
};

await using stack = await startStack({ dataDirectory, port: 0, device: 'cpu', engines: 1, workers: 1 });
const { url } = stack;
const finished = await postJson(
  `${url}/v1/runs`,
  { ...base, name: 'finished', regularization: { ema: { decay: 0.9 } } },
  { 'idempotency-key': 'finished' },
);
await runWhen(url, finished, ({ state }) => state === 'finished');
await postJson(`${url}/v1/runs/${finished}/evaluations`, { protocol: { kind: 'center' } });
const studyId = await postJson(`${url}/v1/studies`, study);
await until(
  async () => studyViewSchema.parse(await readJson(`${url}/v1/studies/${studyId}`)),
  ({ state }) => state === 'finished',
  { what: 'the study', timeoutMs: 60_000, everyMs: 100 },
);
const open = await postJson(`${url}/v1/runs`, paused);
await runWhen(url, open, ({ progress }) => progress.step >= 12);
await postJson(`${url}/v1/runs/${open}/pause`);
await runWhen(url, open, ({ state }) => state === 'paused');
await stack.stop();

await mkdir(target, { recursive: true });
for (const part of ['runs', 'studies', 'checkpoints']) {
  await cp(join(dataDirectory, part), join(target, part), { recursive: true });
}
