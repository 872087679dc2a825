import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { nativePaths } from './binding-layout.js';
import type { BindingSource } from './binding-source.js';
import { linkedLibraries } from './linked-libraries.js';
import { provisionBinding, type ProvisionBindingOptions } from './provision-binding.js';

describe('provisionBinding', () => {
  let root: string;
  let packageDirectory: string;
  let cacheDirectory: string;
  let tried: string[];
  let said: string[];

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'skiplane-binding-'));
    packageDirectory = join(root, 'package');
    cacheDirectory = join(root, 'cache');
    await mkdir(packageDirectory);
    tried = [];
    said = [];
  });
  afterEach(() => rm(root, { recursive: true }));

  const putBinding = async (folder: string, content: string): Promise<void> => {
    const { binding, libraries } = nativePaths(folder);
    await mkdir(dirname(binding), { recursive: true });
    await mkdir(libraries, { recursive: true });
    await writeFile(binding, content);
    await writeFile(join(libraries, 'libtensorflow.so'), 'library');
  };
  const source = (key: string, fill: BindingSource['fill'] = (folder) => putBinding(folder, key)): BindingSource => ({
    name: `way ${key}`,
    key,
    description: `made by ${key}`,
    fill: async (folder, context) => {
      tried.push(key);
      await fill(folder, context);
    },
  });
  const failing = (key: string, why = 'no network'): BindingSource => source(key, () => Promise.reject(new Error(why)));
  const options = (...sources: BindingSource[]): ProvisionBindingOptions => ({
    packageDirectory,
    cacheDirectory,
    downloadDirectory: join(root, 'wheels'),
    sources,
    probe: async (file) => {
      const content = await readFile(file, 'utf8');
      if (content.includes('broken')) throw new Error('cannot be loaded');
      return { version: '2.21.0', usesGpu: false, refusal: null };
    },
    progress: { info: (line) => said.push(line), warn: (line) => said.push(`! ${line}`), bytes: () => {} },
    lockTimeoutMs: 10_000,
  });
  const linked = (): Promise<string> => readFile(nativePaths(packageDirectory).binding, 'utf8');

  it('takes the first way that works, and says in one line why another did not', async () => {
    const result = await provisionBinding(options(failing('published'), source('built'), source('never')));
    expect(result).toEqual({ entry: join(cacheDirectory, 'built'), description: 'made by built', version: '2.21.0' });
    expect(tried).toEqual(['published', 'built']);
    expect(said).toContain('not way published: no network');
    expect(await linked()).toBe('built');
  });

  it('keeps, and tells of what is linked, the versions of the libraries that a source brings', async () => {
    await provisionBinding(options(source('cpu')));
    expect(await linkedLibraries(packageDirectory)).toEqual({});
    const libraries = { 'nvidia-cudnn-cu12': '9.28.0.42', 'nvidia-cublas-cu12': '12.9.3.13' };
    await provisionBinding(options({ ...source('gpu'), libraries }));
    // Copied with other times: the manifest is written anew.
    await utimes(nativePaths(join(cacheDirectory, 'gpu')).binding, 1, 1);
    await provisionBinding(options({ ...source('gpu'), libraries }));
    expect(tried).toEqual(['cpu', 'gpu']);
    expect(Object.entries(await linkedLibraries(packageDirectory))).toEqual([
      ['nvidia-cublas-cu12', '12.9.3.13'],
      ['nvidia-cudnn-cu12', '9.28.0.42'],
    ]);
  });

  it('only links what is in the cache: for a second checkout too', async () => {
    await provisionBinding(options(failing('published'), source('built')));
    packageDirectory = join(root, 'second');
    await mkdir(packageDirectory);
    await provisionBinding(options(failing('published'), source('built')));
    expect(tried).toEqual(['published', 'built']);
    expect(await linked()).toBe('built');
  });

  it('leaves a binding alone that was installed in the package and loads', async () => {
    await putBinding(packageDirectory, 'by hand');
    const result = await provisionBinding(options(source('built')));
    expect(result).toMatchObject({ entry: packageDirectory });
    expect(tried).toEqual([]);
  });

  it('replaces one that does not load', async () => {
    await putBinding(packageDirectory, 'broken');
    await provisionBinding(options(source('built')));
    expect(await linked()).toBe('built');
  });

  it('does not keep what cannot be loaded', async () => {
    const bad = source('bad', (folder) => putBinding(folder, 'broken'));
    const result = await provisionBinding(options(bad, source('built')));
    expect(result).toMatchObject({ description: 'made by built' });
    expect(await readdir(cacheDirectory)).toEqual(['built']);
  });

  it('names every reason when there is no way', async () => {
    const result = await provisionBinding(options(failing('published'), failing('built', 'no compiler')));
    expect(result).toEqual({ reasons: ['way published: no network', 'way built: no compiler'] });
  });

  it('fills once when two processes ask at the same time', async () => {
    const both = await Promise.all([
      provisionBinding(options(source('built'))),
      provisionBinding(options(source('built'))),
    ]);
    expect(tried).toEqual(['built']);
    expect(both[0]).toEqual(both[1]);
  });

  it('starts over after a process was killed half-way, and clears up after it', async () => {
    await mkdir(join(cacheDirectory, '.built-killed', 'deps'), { recursive: true });
    await mkdir(join(cacheDirectory, 'built'), { recursive: true });
    await provisionBinding(options(source('built')));
    expect(await linked()).toBe('built');
    expect(await readdir(cacheDirectory)).toEqual(['built']);
  });

  it('makes a damaged entry anew, and says so', async () => {
    await provisionBinding(options(source('built')));
    await writeFile(nativePaths(join(cacheDirectory, 'built')).binding, 'BUILT');
    await provisionBinding(options(source('built')));
    expect(tried).toEqual(['built', 'built']);
    expect(said.some((line) => line.includes('is damaged') && line.includes('SHA-256'))).toBe(true);
    expect(await linked()).toBe('built');
  });

  it('accepts an entry that was copied with other times, and notes them', async () => {
    await provisionBinding(options(source('built')));
    const { binding } = nativePaths(join(cacheDirectory, 'built'));
    await utimes(binding, 1, 1);
    await provisionBinding(options(source('built')));
    expect(tried).toEqual(['built']);
    const manifest = await readFile(join(cacheDirectory, 'built', 'manifest.json'), 'utf8');
    expect(manifest).toContain(`"modifiedAtMs": ${(await stat(binding)).mtimeMs}`);
  });

  it('goes on with what was linked before when what is wanted now cannot be had', async () => {
    await provisionBinding(options(source('cpu')));
    const result = await provisionBinding(options(failing('gpu')));
    expect(result).toMatchObject({ description: 'made by cpu' });
    expect(said).toContain('! going on with made by cpu');
  });

  it('moves the links from one entry to another', async () => {
    await provisionBinding(options(source('cpu')));
    await provisionBinding(options(source('gpu')));
    expect(await readlink(join(packageDirectory, 'lib'))).toBe(join(cacheDirectory, 'gpu', 'lib'));
    expect(await linked()).toBe('gpu');
  });

  it('stops when interrupted, without trying the next way', async () => {
    const stop = new AbortController();
    const interrupted = source('first', () => {
      stop.abort(new Error('interrupted'));
      return Promise.reject(new Error('killed'));
    });
    await expect(provisionBinding({ ...options(interrupted, source('second')), signal: stop.signal })).rejects.toThrow(
      'interrupted',
    );
    expect(tried).toEqual(['first']);
  });
});
