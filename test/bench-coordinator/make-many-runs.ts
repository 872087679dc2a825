import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '../../apps/coordinator/src/storage/new-id.js';
import { runRecordSchema, type TrainingRecord } from '../../apps/coordinator/src/storage/run-record.schema.js';
import { makeLongRun } from './make-long-run.js';

/** Steps of each of many runs. */
const STEPS = 300;
const AT_ONCE = 32;
const MINUTE_MS = 60_000;
const NAMES = ['imagenet-resnet50', 'cifar-resnet110', 'shapes-plain20', 'finetune-birds'];
const RATES = [0.4, 0.1, 0.05, 0.01];
/** As a year leaves them. */
const STATES = ['finished', 'finished', 'finished', 'failed', 'cancelled'] as const;

/** Makes a folder of so many runs that are over: one by the coordinator's own code, its copies under ids of their own. */
export async function makeManyRuns(dataDirectory: string, numRuns: number): Promise<void> {
  const firstAt = Date.UTC(2026, 0, 1);
  const firstId = newId(firstAt);
  await makeLongRun(dataDirectory, firstId, STEPS, 'finished');
  const first = join(dataDirectory, 'runs', firstId);
  const record = runRecordSchema.parse(JSON.parse(await readFile(join(first, 'run.json'), 'utf8')));
  if (record.kind !== 'training') throw new Error('the first run is no run');
  for (let begin = 1; begin < numRuns; begin += AT_ONCE) {
    const indices = Array.from({ length: Math.min(AT_ONCE, numRuns - begin) }, (_, offset) => begin + offset);
    await Promise.all(indices.map((index) => copyRun(dataDirectory, first, variant(record, index))));
  }
}

async function copyRun(dataDirectory: string, from: string, record: TrainingRecord): Promise<void> {
  const folder = join(dataDirectory, 'runs', record.id);
  await mkdir(folder);
  await cp(from, folder, { recursive: true, filter: (path) => !path.endsWith('run.json') });
  await writeFile(join(folder, 'run.json'), `${JSON.stringify(record, null, 1)}\n`);
}

function variant(record: TrainingRecord, index: number): TrainingRecord {
  const createdAt = record.createdAt + index * MINUTE_MS;
  const state = cyclic(STATES, index);
  return {
    ...record,
    id: newId(createdAt),
    createdAt,
    state,
    reason: state === 'failed' ? 'loss or gradient is not finite' : null,
    spec: {
      ...record.spec,
      name: `${cyclic(NAMES, index)}-${index}`,
      seed: index,
      optimizer: { ...record.spec.optimizer, learningRate: cyclic(RATES, index) },
    },
  };
}

function cyclic<T>(values: readonly T[], index: number): T {
  const value = values[index % values.length];
  if (value === undefined) throw new Error('no values');
  return value;
}
