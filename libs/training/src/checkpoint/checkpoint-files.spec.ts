import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  INITIAL_VALIDATION_STATE,
  parseManifest,
  type Checkpoint,
  type ScheduleState,
  type StepMetrics,
} from '#contracts';
import { buildNetwork, initialState, layoutOf } from '#resnet';
import { byName, type ReplicaState } from '#engine';
import { INITIAL_SCHEDULE_STATE } from '../schedule/schedule-state.js';
import { writeCheckpoint, type CheckpointPosition, type CheckpointTarget } from './checkpoint-files.js';
import { readCheckpoint } from './read-checkpoint.js';

const network = buildNetwork({ architecture: 'resnet20', numClasses: 10 });
const layout = layoutOf(network);
const state = (seed: number): ReplicaState => ({
  ...initialState(layout, seed),
  slots: {
    momentum: Float32Array.from({ length: layout.numTrained }, (_, index) => Math.sin(index + seed)),
    second: Float32Array.from({ length: layout.numTrained }, (_, index) => Math.cos(index + seed)),
  },
});

const at = (round: number, step: number): CheckpointPosition => ({
  round,
  step,
  schedule: INITIAL_SCHEDULE_STATE,
  validation: INITIAL_VALIDATION_STATE,
});
const SCHEDULE: ScheduleState = {
  round: 11,
  warmup: { isOver: true, steps: 0, correct: 0, samples: 0 },
  plateau: { best: 0.1 + 0.2, numBadEpochs: 1, numCooling: 0, numFalls: 2, loss: 1 / 3, correct: 7, samples: 30 },
};

/** Comparing the vectors themselves takes jest seconds. */
function bitsOf(of: ReplicaState): string[] {
  return Object.entries(byName(of)).map(
    ([name, vector]) => `${name} ${createHash('sha256').update(vector).digest('hex')}`,
  );
}

function flipBit(file: string): void {
  const bytes = readFileSync(file);
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}

const files = { pathOf: (address: string) => Promise.resolve(address) };
const read = (folder: string) => readCheckpoint(folder, { network, layout, files });

let directory: string;
let target: CheckpointTarget;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'skiplane-checkpoint-'));
  target = { directory: join(directory, 'run'), runId: 'r1', writerId: 'w1', keep: 2, network, layout };
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('a checkpoint', () => {
  it('gives back every bit of the state, and its hash is that of the weights file', async () => {
    const written = writeCheckpoint(target, state(1), {
      round: 11,
      step: 10,
      schedule: SCHEDULE,
      validation: INITIAL_VALIDATION_STATE,
    });
    const found = await read(written.directory);
    expect(bitsOf(found.state)).toEqual(bitsOf(state(1)));
    expect(found).toMatchObject({ round: 11, step: 10, schedule: SCHEDULE, validation: INITIAL_VALIDATION_STATE });
    const file = readFileSync(join(written.directory, 'weights.safetensors'));
    expect(createHash('sha256').update(file).digest('hex')).toBe(written.weightsSha256);
  });

  it('remembers the last commits before it, bit by bit', async () => {
    const step: StepMetrics = {
      step: 10,
      round: 10,
      epoch: 0,
      loss: 0.1 + 0.2,
      accuracy: 1 / 3,
      samples: 64,
      learningRate: 0.1,
      at: 1_000,
      durationMs: 12.5,
      timings: { dataMs: 0, computeMs: 10, exchangeMs: 2, updateMs: 0.5 },
      digest: '0123456789abcdef'.repeat(2),
    };
    const commits = { steps: [step], evaluations: [] };
    const written = writeCheckpoint(target, state(1), { ...at(11, 10), commits });
    expect((await read(written.directory)).commits).toEqual(commits);
  });

  it('keeps the newest ones only and leaves nothing half written', () => {
    for (const step of [1, 2, 3]) writeCheckpoint(target, state(step), at(step, step));
    expect(readdirSync(target.directory).sort()).toEqual(['step-00000002', 'step-00000003']);
  });

  it('kept as the best stays beside the newest until a better one is written, wherever its writer has died', () => {
    const target2 = { ...target, keep: 'best' as const };
    const write = (round: number, step: number, bestStep: number | null): Checkpoint =>
      writeCheckpoint(target2, state(step), {
        ...at(round, step),
        validation: {
          ...INITIAL_VALIDATION_STATE,
          best: bestStep === null ? null : { step: bestStep, figure: 'accuracy', value: bestStep / 100 },
        },
      });
    const steps = (): string[] => readdirSync(target.directory).map((name) => name.replace('step-000000', ''));
    write(5, 5, null);
    // After the last step of an epoch, and once more after its evaluation.
    expect(write(10, 10, null).best).toBeUndefined();
    expect(write(11, 10, 10).best).toEqual({ figure: 'accuracy', value: 0.1 });
    expect(steps()).toEqual(['10']);
    write(16, 15, 10);
    write(21, 20, 10);
    expect(steps().sort()).toEqual(['10', '20']);
    // That of step 30 was the best and was never written.
    write(37, 35, 30);
    expect(steps().sort()).toEqual(['10', '35']);
    write(44, 40, 40);
    expect(steps()).toEqual(['40']);
  });

  it('may be written twice', () => {
    const first = writeCheckpoint(target, state(1), at(10, 10));
    const again = writeCheckpoint({ ...target, writerId: 'w2' }, state(1), at(11, 10));
    expect(again.weightsSha256).toBe(first.weightsSha256);
    expect(readdirSync(target.directory)).toEqual(['step-00000010']);
  });

  it('of an epoch’s last step takes over what its evaluation taught the schedule, and never loses it again', async () => {
    writeCheckpoint(target, state(1), at(10, 10));
    const later = writeCheckpoint({ ...target, writerId: 'w2' }, state(1), {
      round: 11,
      step: 10,
      schedule: SCHEDULE,
      validation: INITIAL_VALIDATION_STATE,
    });
    writeCheckpoint({ ...target, writerId: 'w3' }, state(1), at(10, 10));
    expect(await read(later.directory)).toMatchObject({
      round: 11,
      schedule: SCHEDULE,
      validation: INITIAL_VALIDATION_STATE,
    });
    expect(readdirSync(later.directory).sort()).toEqual([
      'checkpoint.json',
      'slot-momentum.safetensors',
      'slot-second.safetensors',
      'weights.safetensors',
    ]);
  });

  it('of the first version is read, its momentum from another file, and replaced by a later one of the same step', async () => {
    const momentum = state(1).slots['momentum'] ?? new Float32Array();
    const old = { ...state(1), slots: { momentum } };
    const { directory: folder } = writeCheckpoint(target, old, at(10, 10));
    const manifest = parseManifest(readFileSync(join(folder, 'checkpoint.json'), 'utf8'));
    const { slots, ...others } = manifest;
    renameSync(join(folder, 'slot-momentum.safetensors'), join(folder, 'optimizer.safetensors'));
    const first = { ...others, version: 1, optimizerSha256: slots['momentum']?.sha256 };
    writeFileSync(join(folder, 'checkpoint.json'), JSON.stringify(first));
    expect(bitsOf((await read(folder)).state)).toEqual(bitsOf(old));
    writeCheckpoint({ ...target, writerId: 'w2' }, old, at(11, 10));
    expect((await read(folder)).round).toBe(11);
    expect(bitsOf((await read(folder)).state)).toEqual(bitsOf(old));
  });

  it('holds the average of the weights beside the weights', async () => {
    const { parameters, statistics } = state(2);
    const averaged = { ...state(1), average: { parameters, statistics } };
    const written = writeCheckpoint(target, averaged, at(10, 10));
    expect(bitsOf((await read(written.directory)).state)).toEqual(bitsOf(averaged));
    const file = join(written.directory, 'average.safetensors');
    expect(written.averageSha256).toBe(createHash('sha256').update(readFileSync(file)).digest('hex'));
    truncateSync(file, 100);
    await expect(read(written.directory)).rejects.toThrow(/average\.safetensors is corrupt/);
  });

  it('written before schedules had a state, and manifests a checksum, is read', async () => {
    const { directory: folder } = writeCheckpoint(target, state(1), at(10, 10));
    const file = join(folder, 'checkpoint.json');
    const {
      schedule: _,
      manifestSha256: __,
      ...manifest
    }: Record<string, unknown> = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify(manifest));
    expect((await read(folder)).schedule).toEqual(INITIAL_SCHEDULE_STATE);
  });

  it('replaces a broken one of the same step', async () => {
    mkdirSync(join(target.directory, 'step-00000010'), { recursive: true });
    writeFileSync(join(target.directory, 'step-00000010', 'checkpoint.json'), '{"version":');
    const written = writeCheckpoint(target, state(1), at(10, 10));
    expect((await read(written.directory)).step).toBe(10);
  });

  it.each(['weights.safetensors', 'slot-momentum.safetensors', 'slot-second.safetensors', 'average.safetensors'])(
    'whose %s was damaged after it was written is replaced when the step is computed again',
    async (name) => {
      const { parameters, statistics } = state(2);
      const averaged = { ...state(1), average: { parameters, statistics } };
      const { directory: folder } = writeCheckpoint(target, averaged, at(10, 10));
      flipBit(join(folder, name));
      await expect(read(folder)).rejects.toThrow(`${name} is corrupt`);
      writeCheckpoint({ ...target, writerId: 'w2' }, averaged, at(10, 10));
      expect(bitsOf((await read(folder)).state)).toEqual(bitsOf(averaged));
    },
  );

  it('is not read when a number in its manifest was altered', async () => {
    const { directory: folder } = writeCheckpoint(target, state(1), {
      round: 11,
      step: 10,
      schedule: SCHEDULE,
      validation: INITIAL_VALIDATION_STATE,
    });
    const file = join(folder, 'checkpoint.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"numBadEpochs": 1', '"numBadEpochs": 0'));
    await expect(read(folder)).rejects.toThrow(/step-00000010: checkpoint\.json is corrupt/);
  });

  it('that a newer Skiplane has written is left as it is', async () => {
    const { directory: folder } = writeCheckpoint(target, state(1), at(10, 10));
    const file = join(folder, 'checkpoint.json');
    const { manifestSha256: _, ...manifest }: Record<string, unknown> = JSON.parse(readFileSync(file, 'utf8'));
    const newer = JSON.stringify({ ...manifest, version: 4 });
    writeFileSync(file, newer);
    const words = /step-00000010: checkpoint\.json was written by a newer Skiplane \(version 4, this one knows 3\)/;
    await expect(read(folder)).rejects.toThrow(words);
    expect(() => writeCheckpoint({ ...target, writerId: 'w2' }, state(2), at(10, 10))).toThrow(words);
    expect(readFileSync(file, 'utf8')).toBe(newer);
    expect(readdirSync(target.directory)).toEqual(['step-00000010']);
  });

  it('is not disturbed by what a writer that was killed has left half written', async () => {
    writeCheckpoint(target, state(1), at(1, 1));
    const left = join(target.directory, '.step-00000002.w1');
    mkdirSync(left);
    writeFileSync(join(left, 'weights.safetensors'), 'half of the');
    const written = writeCheckpoint(target, state(2), at(2, 2));
    expect(bitsOf((await read(written.directory)).state)).toEqual(bitsOf(state(2)));
    expect(readdirSync(target.directory).sort()).toEqual(['step-00000001', 'step-00000002']);
  });

  it('leaves alone what another writer is about to write, whatever the clock of this host says', () => {
    const other = join(target.directory, '.step-00000002.w2');
    mkdirSync(other, { recursive: true });
    const old = join(target.directory, '.step-00000001.w3');
    mkdirSync(old);
    const longAgo = new Date(Date.now() - 2 * 3_600_000);
    utimesSync(old, longAgo, longAgo);
    const now = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 2 * 3_600_000);
    try {
      writeCheckpoint(target, state(1), at(1, 1));
    } finally {
      now.mockRestore();
    }
    expect(readdirSync(target.directory).sort()).toEqual(['.step-00000002.w2', 'step-00000001']);
  });

  it('that was truncated, altered or is incomplete is refused by name', async () => {
    const { directory: folder } = writeCheckpoint(target, state(1), at(10, 10));
    const weights = join(folder, 'weights.safetensors');
    flipBit(weights);
    await expect(read(folder)).rejects.toThrow(/weights\.safetensors is corrupt/);
    truncateSync(weights, 100);
    await expect(read(folder)).rejects.toThrow(/is corrupt/);
    rmSync(join(folder, 'slot-momentum.safetensors'));
    await expect(read(join(directory, 'none'))).rejects.toThrow(/checkpoint\.json cannot be read/);
  });

  it('that finds no room leaves the earlier ones and nothing of its own', () => {
    writeCheckpoint(target, state(1), at(1, 1));
    // A file where the folder of this writer would be: what a full or read-only disk does to mkdir.
    writeFileSync(join(target.directory, '.step-00000002.w1'), '');
    expect(() => writeCheckpoint(target, state(2), at(2, 2))).toThrow(/EEXIST|ENOTDIR/);
    expect(readdirSync(target.directory)).toEqual(['step-00000001']);
  });
});
