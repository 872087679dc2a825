import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { INITIAL_VALIDATION_STATE, manifestText, type Checkpoint, type CheckpointManifest } from '#contracts';
import { readStoreSettings } from '#stores';
import { CheckpointFiles, type WholeCheckpoint } from './checkpoint-files.js';
import { runRecord } from '../testing/run-record.js';

let base: string;
let older: Checkpoint;
let newest: Checkpoint;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'skiplane-checkpoints-'));
  older = await write(5);
  newest = await write(10);
});
afterEach(async () => {
  await rm(base, { recursive: true });
});

async function write(step: number): Promise<Checkpoint> {
  const directory = join(base, 'r1', `step-${step}`);
  await mkdir(directory, { recursive: true });
  const hash = async (name: string): Promise<string> => {
    const content = `${name} after step ${step}`;
    await writeFile(join(directory, `${name}.safetensors`), content);
    return createHash('sha256').update(content).digest('hex');
  };
  const manifest: CheckpointManifest = {
    version: 3,
    runId: 'r1',
    architecture: 'resnet20',
    round: step + 1,
    step,
    weightsSha256: await hash('weights'),
    slots: { momentum: { file: 'slot-momentum.safetensors', sha256: await hash('slot-momentum') } },
    averageSha256: await hash('average'),
    validation: INITIAL_VALIDATION_STATE,
  };
  await writeFile(join(directory, 'checkpoint.json'), manifestText(manifest));
  const { round, weightsSha256 } = manifest;
  return { step, round, directory, weightsSha256, sizeBytes: 60, at: 1 };
}

const inNewest = (name: string): string => join(newest.directory, name);
const replaced = async (name: string, from: string, to: string): Promise<void> =>
  writeFile(inNewest(name), (await readFile(inNewest(name), 'utf8')).replace(from, to));

const DAMAGES: readonly (readonly [what: string, damage: () => Promise<unknown>, reason: RegExp])[] = [
  [
    'truncated weights',
    () => truncate(inNewest('weights.safetensors'), 5),
    /^weights\.safetensors is corrupt: its SHA/,
  ],
  [
    'a flipped bit of the momentum',
    () => replaced('slot-momentum.safetensors', '10', '11'),
    /^slot-momentum\.safetensors is cor/,
  ],
  ['a flipped bit of the average', () => replaced('average.safetensors', '10', '11'), /^average\.safetensors is cor/],
  ['momentum that is gone', () => rm(inNewest('slot-momentum.safetensors')), /^slot-momentum\.safetensors is missing$/],
  ['an empty manifest', () => truncate(inNewest('checkpoint.json')), /^checkpoint\.json is no JSON object$/],
  ['a manifest cut off', () => truncate(inNewest('checkpoint.json'), 40), /^checkpoint\.json is no JSON object$/],
  ['another round in the manifest', () => replaced('checkpoint.json', '"round": 11', '"round": 12'), /json is corrupt/],
  ['no manifest', () => rm(inNewest('checkpoint.json')), /^checkpoint\.json is missing$/],
  ['a folder that is gone', () => rm(newest.directory, { recursive: true }), /^checkpoint\.json is missing$/],
  [
    'the folder of another step',
    async () => {
      await rm(newest.directory, { recursive: true });
      await rename(older.directory, newest.directory);
      older = await write(5);
    },
    /^checkpoint\.json is that of step 5$/,
  ],
  [
    'weights that lie elsewhere',
    async () => {
      await rename(inNewest('weights.safetensors'), join(base, 'elsewhere'));
      await symlink(join(base, 'elsewhere'), inNewest('weights.safetensors'));
    },
    /^weights\.safetensors is not in the folder of the run$/,
  ],
];

describe('the newest whole checkpoint', () => {
  const newestWhole = (): Promise<WholeCheckpoint> =>
    new CheckpointFiles({ checkpointDirectory: base, stores: readStoreSettings({}) }).newestWhole({
      id: 'r1',
      spec: runRecord().spec,
      checkpoints: [older, newest],
    });

  it('takes the newest one where it is whole', async () => {
    expect(await newestWhole()).toEqual({ checkpoint: newest, damaged: [] });
  });

  it.each(DAMAGES)('passes over one with %s', async (_what, damage, reason) => {
    await damage();
    const { checkpoint, damaged } = await newestWhole();
    expect(checkpoint).toEqual(older);
    expect(damaged).toEqual([{ step: 10, reason: expect.stringMatching(reason) }]);
  });

  it('says of all of them what is wrong where none is whole', async () => {
    await rm(join(base, 'r1'), { recursive: true });
    const { checkpoint, damaged } = await newestWhole();
    expect(checkpoint).toBeUndefined();
    expect(damaged.map(({ step }) => step)).toEqual([10, 5]);
  });
});
