import { execFile } from 'node:child_process';
import { copyFile, mkdir, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { datasetSchema } from '#contracts';
import { findIndexFile, indexKey } from '#dataset';
import { createRedisConnection, IndexBoard, startEmbeddedRedis } from '#queue';
import { silentLogger } from '#telemetry';
import { writeFileAtomically } from '#files';
import { CoordinatorProcess } from '../bench-coordinator/coordinator-process.js';
import type { Figure } from '../bench-coordinator/figure.js';
import { firstStepMs } from './first-step.js';
import { makeImageFolder } from './make-image-folder.js';
import { makeSparseShards } from './make-sparse-shards.js';
import type { OpenMeasurement } from './open-process.js';
import type { SurveyMeasurement } from './survey-process.js';
import { submitRun } from './submit-run.js';

/** What changed so recently is not trusted. */
const SETTLE_MS = 2_500;
const TAKE_MS = 60_000;
const run = promisify(execFile);

/** Makes data sets of so many images and measures what they cost from the survey to the first batch. */
export async function measure(folder: string, size: number): Promise<Figure[]> {
  const ofFolder = join(folder, 'image-folder');
  const ofShards = join(folder, 'webdataset');
  await Promise.all([mkdir(ofFolder), mkdir(ofShards)]);
  const figures = await measureFolder(ofFolder, size);
  await rm(ofFolder, { recursive: true });
  return [...figures, ...(await measureShards(ofShards, size))];
}

async function measureFolder(folder: string, size: number): Promise<Figure[]> {
  const path = join(folder, 'images');
  const data = join(folder, 'data');
  const kept = join(data, 'datasets');
  await mkdir(data);
  await makeImageFolder(path, size);
  await sleep(SETTLE_MS);
  const figures: Figure[] = [];
  const tell = tellTo(figures, size);
  const survey = (): Promise<SurveyMeasurement> => surveyed(['image-folder', path, kept]);

  const first = await survey();
  tell('survey', first.ms);
  tell('survey, memory', first.peakMb, null, 'MB');
  tell('survey of what is kept', (await survey()).ms, 1_000);
  // A class more or less: all are listed, none of the images that were there is opened.
  const past = new Date(Date.now() - 86_400_000);
  await utimes(join(path, 'train'), past, past);
  tell('survey of what has changed', (await survey()).ms);
  await sleep(SETTLE_MS);
  await survey();

  const indexes = join(folder, 'indexes');
  await mkdir(indexes);
  for (const figure of await throughCoordinator({ path, data, indexes, digest: first.digest })) tell(...figure);

  // Apart from the runs that were submitted above.
  const fresh = join(folder, 'fresh');
  await mkdir(fresh);
  await rename(kept, join(fresh, 'datasets'));
  tell('submission to first step', await firstStepMs(path, fresh), 30_000);

  const opened = await inProcess<OpenMeasurement>('open-process.js', ['image-folder', path, first.digest, indexes]);
  tellOpened(tell, '', opened);
  return figures;
}

/** Of shards what differs from folders: their survey, and an index of parts of files. */
async function measureShards(folder: string, size: number): Promise<Figure[]> {
  const [path, kept, indexes] = [join(folder, 'shards'), join(folder, 'kept'), join(folder, 'indexes')];
  await makeSparseShards(path, size);
  await sleep(SETTLE_MS);
  const figures: Figure[] = [];
  const tell = tellTo(figures, size);
  const survey = (): Promise<SurveyMeasurement> => surveyed(['webdataset', path, kept]);
  const first = await survey();
  tell('shards: survey', first.ms);
  tell('shards: survey, memory', first.peakMb, null, 'MB');
  tell('shards: survey of what is kept', (await survey()).ms, 1_000);
  const spec = datasetSchema.parse({ kind: 'webdataset', path });
  const index = await findIndexFile(kept, spec, first.digest);
  if (index === null) throw new Error('the survey kept no index');
  await mkdir(indexes);
  await copyFile(index, join(indexes, `${indexKey(spec, first.digest)}.index`));
  const opened = await inProcess<OpenMeasurement>('open-process.js', ['webdataset', path, first.digest, indexes]);
  tellOpened(tell, 'shards: ', opened);
  return figures;
}

type Tell = (what: string, value: number, goal?: number | null, unit?: Figure['unit']) => void;

function tellTo(figures: Figure[], size: number): Tell {
  return (what, value, goal = null, unit = 'ms') => void figures.push({ what, size, value, unit, goal });
}

function tellOpened(tell: Tell, of: string, { openMs, openMb, orderMs, firstBatchMs }: OpenMeasurement): void {
  tell(`${of}open`, openMs, 1_000);
  tell(`${of}open, memory`, openMb, 150, 'MB');
  tell(`${of}order of an epoch`, orderMs);
  tell(`${of}first batch of 256, read`, firstBatchMs);
}

function surveyed(args: readonly string[]): Promise<SurveyMeasurement> {
  return inProcess<SurveyMeasurement>('survey-process.js', args);
}

type Told = [what: string, value: number, goal: number | null];

async function throughCoordinator({
  path,
  data,
  indexes,
  digest,
}: Record<'path' | 'data' | 'indexes' | 'digest', string>): Promise<Told[]> {
  const redis = await startEmbeddedRedis({ dataDirectory: join(data, 'redis') });
  const connection = createRedisConnection(redis.url, { purpose: 'commands', logger: silentLogger() });
  try {
    await using coordinator = await CoordinatorProcess.start(data, redis.url);
    const submit = async (): Promise<number> => {
      const begun = performance.now();
      await submitRun(coordinator.url, path, { architecture: 'resnet18', numClasses: 1000 });
      return performance.now() - begun;
    };
    const told: Told[] = [['first submission to a coordinator', await submit(), null]];
    const begun = performance.now();
    const key = indexKey(datasetSchema.parse({ kind: 'image-folder', path }), digest);
    const index = await new IndexBoard(connection).take(key, { timeoutMs: TAKE_MS });
    told.push(['index from the coordinator', performance.now() - begun, null]);
    if (index === null) throw new Error('the coordinator published no index');
    await writeFileAtomically(join(indexes, `${key}.index`), index);
    told.push(['submission', Math.min(await submit(), await submit(), await submit()), 300]);
    return told;
  } finally {
    connection.disconnect();
    await redis.stop();
  }
}

async function inProcess<Measurement>(entry: string, args: readonly string[]): Promise<Measurement> {
  const { stdout } = await run(process.execPath, [fileURLToPath(new URL(entry, import.meta.url)), ...args]);
  return JSON.parse(stdout) as Measurement;
}
