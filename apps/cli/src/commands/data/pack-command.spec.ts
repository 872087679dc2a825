import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { makeShapesDataset } from '#dataset';
import type { RecordingIo } from '../../testing/recording-io.js';
import { runSkiplane } from '../../testing/run-skiplane.js';

const SKIPLANE = fileURLToPath(new URL('../../../../../dist/apps/cli/src/main.js', import.meta.url));

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

  it('is killed in the middle, and the next call makes the bytes of an undisturbed one', async () => {
    const source = join(folder, 'noise');
    const pixels = randomBytes(480 * 640 * 3);
    const image = await sharp(pixels, { raw: { width: 640, height: 480, channels: 3 } })
      .jpeg({ quality: 90 })
      .toBuffer();
    for (const name of ['train/a', 'train/b', 'val/a', 'val/b']) {
      await mkdir(join(source, name), { recursive: true });
      const count = name.startsWith('train') ? 20 : 1;
      for (let at = 0; at < count; at += 1) await writeFile(join(source, name, `${at}.jpg`), image);
    }
    const words = (to: string): string[] => ['data', 'pack', source, to, '--shorter-side', '400', '--shard-size', '1'];
    const child = spawn(process.execPath, [SKIPLANE, ...words(dest)], { stdio: 'ignore' });
    const ended = once(child, 'close');
    // A shard is there for good once its index is.
    for (let names: string[] = []; names.length === 0 && child.exitCode === null; await delay(2)) {
      names = (await readdir(join(dest, 'index')).catch((): string[] => [])).filter((name) => name.endsWith('.json'));
    }
    child.kill('SIGKILL');
    expect(await ended).toEqual([null, 'SIGKILL']);
    expect(await readdir(dest)).not.toContain('pack.json');
    expect((await runSkiplane(words(dest))).outLines.join('\n')).toMatch(/kept +[1-9]\d* shards/);
    const undisturbed = join(folder, 'undisturbed');
    expect((await runSkiplane(words(undisturbed))).exitCode()).toBe(0);
    expect(await filesOf(dest)).toEqual(await filesOf(undisturbed));
  });
});

/** Every file with its SHA-256. */
async function filesOf(path: string): Promise<Readonly<Record<string, string>>> {
  const hashes: Record<string, string> = {};
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    hashes[relative(path, file)] = createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
  }
  return hashes;
}
