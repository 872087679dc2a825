import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Component } from './component.js';
import { writeParts, writeSums } from './write-parts.js';

const run = promisify(execFile);
const UNPACK = new URL('./unpack.sh', import.meta.url).pathname;
const MIB = 2 ** 20;

/** Files by their path, as a component's folder. */
async function lay(folder: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

/** Does not shrink, and is the same each time. */
const noise = (length: number): Buffer => createHash('shake256', { outputLength: length }).update('noise').digest();

jest.setTimeout(60_000);

describe('a pack for a machine without a network', () => {
  let folder: string;
  let pack: string;
  let root: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skiplane-pack-'));
    [pack, root] = [join(folder, 'pack'), join(folder, 'there')];
    await mkdir(pack);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const component = (name: string, to: string, changes: Partial<Component> = {}): Component => ({
    name,
    key: `${name} 1`,
    from: join(folder, name),
    paths: ['.'],
    to,
    without: [],
    ...changes,
  });

  /** All that the script asks for, in small. */
  async function makePack(): Promise<void> {
    const binding = 'node_modules/@tensorflow/tfjs-node-gpu';
    await lay(join(folder, 'node'), { 'bin/node': 'a program' });
    await lay(join(folder, 'tensorflow'), {
      'entry/deps/lib/library': noise(3 * MIB),
      'entry/lib/napi-v8/binding': 'b',
    });
    await lay(join(folder, 'modules'), {
      [`${binding}/package.json`]: '{}',
      [`${binding}/README.md`]: 'no',
      'bin.js.map': '{}',
    });
    await symlink('/somewhere/else', join(folder, 'modules', binding, 'lib'));
    await lay(join(folder, 'cuda'), { 'nvidia/cuda_runtime/lib/libcudart.so.12': 'c' });
    await lay(join(folder, 'checkout'), { 'package.json': '{}', 'dist/test/gpu-check/main.js': 'main' });
    const all = [
      component('node', 'node'),
      component('tensorflow', 'cache/tensorflow', { paths: ['entry'] }),
      component('cuda', 'cuda'),
      component('modules', 'modules', { without: ['*.map', '*.md', `${binding}/lib`] }),
      component('checkout', 'checkout', { key: null, paths: ['package.json', 'dist'] }),
    ];
    const names: string[] = [];
    for (const each of all) names.push(...(await writeParts(each, pack, { partMib: 1 })));
    await writeSums(pack, names);
    await writeFile(join(pack, 'unpack.sh'), await readFile(UNPACK));
  }

  /** In an environment that has nothing of ours. */
  async function unpack(...args: string[]): Promise<{ code: number; said: string }> {
    const env = { PATH: '/usr/bin:/bin' };
    const command = [join(pack, 'unpack.sh'), '--root', root, '--python', join(folder, 'python'), ...args];
    return await run('sh', command, { env }).then(
      ({ stderr }) => ({ code: 0, said: stderr }),
      (error: { code: number; stderr: string }) => ({ code: error.code, said: error.stderr }),
    );
  }

  /** Stands where an interpreter with PyTorch is: tells the folder of its packages, and opens what is asked. */
  async function placePyTorch(): Promise<void> {
    const site = join(folder, 'site-packages');
    const libraries = {
      'cu13/lib/libcublas.so.13': '',
      'cu13/lib/libcusparse.so.12': '',
      'cudnn/lib/libcudnn.so.9': '',
    };
    await lay(join(site, 'nvidia'), libraries);
    const script = `#!/bin/sh\n[ "$1" != - ] || printf '%s\\n' ${site}/nvidia/cu13/lib ${site}/nvidia/cudnn/lib\n`;
    await writeFile(join(folder, 'python'), script, { mode: 0o755 });
  }

  it('is put in place: everything where its user looks for it, CUDA names on the libraries beside PyTorch', async () => {
    await makePack();
    await placePyTorch();
    const parts = (await readdir(pack)).filter((name) => name.startsWith('tensorflow.tar.xz.'));
    expect(parts.length).toBe(4);
    const { code, said } = await unpack();
    expect([code, said]).toEqual([0, expect.stringContaining(`ready: ${root}/gpu-check`)]);
    const library = await readFile(join(root, 'cache/tensorflow/entry/deps/lib/library'));
    expect(library.equals(noise(3 * MIB))).toBe(true);
    const binding = join(root, 'checkout/node_modules/@tensorflow/tfjs-node-gpu');
    expect(await readFile(join(binding, 'lib/napi-v8/binding'), 'utf8')).toBe('b');
    expect((await readdir(join(root, 'modules'))).concat(await readdir(binding))).toEqual([
      'node_modules',
      'deps',
      'lib',
      'package.json',
    ]);
    const links = join(root, 'cuda/links');
    const targets = await Promise.all(
      ['libcudart.so.12', 'libcublas.so.12', 'libcublas.so.13', 'libcusparse.so.12', 'libcudnn.so.9'].map((name) =>
        readlink(join(links, name)),
      ),
    );
    expect(targets.map((path) => path.replace(folder, ''))).toEqual([
      '/there/cuda/nvidia/cuda_runtime/lib/libcudart.so.12',
      '/site-packages/nvidia/cu13/lib/libcublas.so.13',
      '/site-packages/nvidia/cu13/lib/libcublas.so.13',
      '/site-packages/nvidia/cu13/lib/libcusparse.so.12',
      '/site-packages/nvidia/cudnn/lib/libcudnn.so.9',
    ]);
    expect(said).toContain('CUDA: libcufft.so.11 was found neither in the pack nor beside PyTorch');
    expect(await readFile(join(root, 'gpu-check'), 'utf8')).toContain(`'${root}/checkout/dist/test/gpu-check/main.js'`);
  });

  it('names every part that is missing or damaged, and then unpacks nothing', async () => {
    await makePack();
    await placePyTorch();
    await rm(join(pack, 'modules.tar.xz.00'));
    const damaged = join(pack, 'tensorflow.tar.xz.02');
    const bytes = await readFile(damaged);
    bytes[1000] = (bytes[1000] ?? 0) ^ 1;
    await writeFile(damaged, bytes);
    const { code, said } = await unpack();
    expect(code).toBe(1);
    expect(said).toContain('missing: modules.tar.xz.00');
    expect(said).toContain('damaged: tensorflow.tar.xz.02');
    expect(said).toContain('2 parts are missing or damaged; nothing was unpacked');
    expect(await readdir(root)).toEqual(['.unpacked']);
  });

  it('needs only what changed when it is brought again, and a checkout that came by another way is used', async () => {
    await makePack();
    await placePyTorch();
    expect((await unpack()).code).toBe(0);
    for (const name of await readdir(pack))
      if (/^(tensorflow|modules|node|cuda)\./.test(name)) await rm(join(pack, name));
    await lay(join(folder, 'checkout'), { 'dist/test/gpu-check/main.js': 'newer' });
    const [part = ''] = await writeParts(
      component('checkout', 'checkout', { key: null, paths: ['package.json', 'dist'] }),
      pack,
    );
    const sums = (await readFile(join(pack, 'SHA256SUMS'), 'utf8'))
      .split('\n')
      .filter((line) => !line.includes('checkout'));
    await writeSums(pack, [part]);
    await writeFile(join(pack, 'SHA256SUMS'), sums.join('\n') + (await readFile(join(pack, 'SHA256SUMS'), 'utf8')));
    expect(await unpack()).toMatchObject({
      code: 0,
      said: expect.stringMatching(/^unpacking checkout\nCUDA/) as unknown,
    });
    expect(await readFile(join(root, 'checkout/dist/test/gpu-check/main.js'), 'utf8')).toBe('newer');

    const own = join(folder, 'own');
    await lay(own, { 'dist/test/gpu-check/main.js': 'own' });
    await rm(join(pack, part));
    expect((await unpack('--checkout', own)).code).toBe(0);
    expect(await readlink(join(own, 'node_modules'))).toBe(join(root, 'modules/node_modules'));
    expect(await readFile(join(root, 'gpu-check'), 'utf8')).toContain(`'${own}/dist/test/gpu-check/main.js'`);
  });

  it('keeps the parts of what has the same key, and makes those of another anew', async () => {
    await lay(join(folder, 'node'), { 'bin/node': 'one' });
    const first = await writeParts(component('node', 'node'), pack);
    const before = await readFile(join(pack, first[0] ?? ''));
    await writeFile(join(folder, 'node/bin/node'), 'two');
    await writeParts(component('node', 'node'), pack);
    expect((await readFile(join(pack, first[0] ?? ''))).equals(before)).toBe(true);
    await writeParts(component('node', 'node', { key: 'node 2' }), pack);
    expect((await readFile(join(pack, first[0] ?? ''))).equals(before)).toBe(false);
  });
});
