import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeShapesDataset } from '#dataset';
import type { RecordingIo } from '../../testing/recording-io.js';
import { runSkiplane } from '../../testing/run-skiplane.js';

let folder: string;
let dest: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skiplane-pack-'));
  dest = join(folder, 'packed');
  await makeShapesDataset(join(folder, 'shapes'), { numTrain: 40, numVal: 10, imageSize: 32, seed: 1 });
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const pack = (...flags: readonly string[]): Promise<RecordingIo> =>
  runSkiplane(['data', 'pack', join(folder, 'shapes'), dest, ...flags]);

describe('skiplane data pack', () => {
  it('packs, verifies, and says by its exit code that a shard is damaged', async () => {
    const first = await pack('--shorter-side', '20', '--verify');
    expect([first.exitCode(), first.errLines]).toEqual([0, []]);
    expect(first.outLines.join('\n')).toMatch(
      /shapes in 2 shards\ntrain +40 images\nvalidation +10 images\nsize .*\nencoded +50 images \(JPEG of quality 90, shorter side 20\)\nverified/,
    );
    const shard = join(dest, 'train-00000.tar');
    const bytes = await readFile(shard);
    bytes[2_000] = (bytes[2_000] ?? 0) ^ 1;
    await writeFile(shard, bytes);
    const again = await pack('--shorter-side', '20', '--verify', '--json');
    expect(again.exitCode()).toBe(6);
    expect(JSON.parse(again.outLines.join(''))).toMatchObject({
      numKept: 2,
      faults: [{ path: 'train-00000.tar', message: 'is damaged: other bytes than were packed' }],
    });
    await rm(shard);
    const mended = await pack('--shorter-side', '20', '--verify');
    expect([mended.exitCode(), mended.outLines.join('\n')]).toEqual([0, expect.stringMatching(/kept +1 shards/)]);
  });

  it('refuses what has no effect or does not fit', async () => {
    const cases = [
      [['--quality', '80'], '--shorter-side'],
      [['--labels', 'coarse'], '--labels: means nothing for the kind image-folder'],
      [['--validation-share', '0.5'], 'dataset.split'],
    ] as const;
    for (const [flags, words] of cases) {
      const io = await pack(...flags);
      expect([io.exitCode(), io.errLines.join('\n')]).toEqual([2, expect.stringContaining(words)]);
    }
  });
});
