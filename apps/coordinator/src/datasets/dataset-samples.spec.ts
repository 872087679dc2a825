import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import sharp from 'sharp';
import {
  datasetSamplesSchema,
  datasetViewSchema,
  problemSchema,
  type DatasetSamples,
  type DatasetView,
} from '#contracts';
import { TestStack } from '../testing/test-stack.js';
import { until } from '../testing/until.js';

jest.setTimeout(60_000);

describe('samples of a named data set', () => {
  let stack: TestStack;
  let path: string;
  beforeAll(async () => {
    stack = await TestStack.open();
    path = join(stack.directory, 'pets');
    await cp(stack.datasetPath, path, { recursive: true });
    // One that has an upper and a lower half, and is turned on its side.
    const half = { create: { width: 300, height: 100, channels: 3, background: 'blue' } } as const;
    const top = await sharp({ create: { ...half.create, height: 50, background: 'red' } })
      .png()
      .toBuffer();
    const image = sharp(half).composite([{ input: top, top: 0, left: 0 }]);
    await image
      .jpeg({ quality: 95 })
      .withMetadata({ orientation: 6 })
      .toFile(join(path, 'train', 'dog', 'turned.jpg'));
    await stack.start();
    await stack.post('/v1/datasets', { name: 'pets', kind: 'image-folder', path });
    await until(view, ({ survey }) => survey.state === 'ready');
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  const view = async (): Promise<DatasetView> =>
    datasetViewSchema.parse(await (await fetch(`${stack.url}/v1/datasets/pets`)).json());
  const ask = (query: string): Promise<Response> => fetch(`${stack.url}/v1/datasets/pets/samples${query}`);
  /** As a browser does that has a picture: fetch alone would ask for one that no cache knows. */
  const askAgain = (query: string, etag: string): Promise<Response> => {
    const headers = { 'if-none-match': etag, 'cache-control': 'max-age=0' };
    return fetch(`${stack.url}/v1/datasets/pets/samples${query}`, { headers });
  };
  const list = async (query: string): Promise<DatasetSamples> =>
    datasetSamplesSchema.parse(await (await ask(query)).json());
  const pixels = async (query: string): Promise<{ width: number; height: number; data: Buffer }> => {
    const response = await ask(query);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/webp']);
    const { data, info } = await sharp(await response.arrayBuffer())
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data };
  };
  const detailOf = async (response: Response): Promise<string> =>
    problemSchema.parse(await response.json()).detail ?? '';

  it('are listed by split and class, in their order or mixed by a seed', async () => {
    const { total, samples } = await list('?class=1&count=100');
    expect(total).toBe(6);
    expect(samples.map(({ label }) => label)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(samples.at(-1)).toMatchObject({ description: 'train/dog/turned.jpg', width: 300, height: 100 });
    expect((await list('?split=val')).total).toBe(4);
    const [mixed, again, other] = [await list('?seed=1'), await list('?seed=1'), await list('?seed=2')];
    expect(again).toEqual(mixed);
    expect(other).not.toEqual(mixed);
    const numbers = mixed.samples.map(({ sample }) => sample);
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 11 }, (_, sample) => sample));
    expect((await list('?seed=1&offset=3&count=2')).samples.map(({ sample }) => sample)).toEqual(numbers.slice(3, 5));
    expect((await ask('?count=0')).status).toBe(400);
  });

  it('are shown as they are stored, upright, and as training sees them', async () => {
    const sample = (await list('?class=1&count=100')).samples.at(-1)?.sample;
    const stored = await pixels(`/train/${sample}/image?side=64`);
    expect([stored.width, stored.height]).toEqual([21, 64]);
    // EXIF 6: what was the upper half is the right one.
    const row = stored.data.subarray(32 * 21 * 3, 33 * 21 * 3);
    expect([Number(row[0]) < 60, Number(row[2]) > 200]).toEqual([true, true]);
    expect([Number(row.at(-3)) > 200, Number(row.at(-1)) < 60]).toEqual([true, true]);
    const augmented = (query: string) =>
      pixels(`/train/${sample}/image?view=augmented&augmentation=resized-crop${query}`);
    const one = await augmented('&side=48&seed=1');
    expect([one.width, one.height]).toEqual([48, 48]);
    expect(await augmented('&side=48&seed=1')).toEqual(one);
    expect((await augmented('&side=48&seed=2')).data.equals(one.data)).toBe(false);
    expect((await pixels(`/val/0/image`)).width).toBe(1);
  });

  it('are drawn once for a browser that has them, and anew for what shows something else', async () => {
    const first = await ask('/train/1/image');
    expect(first.headers.get('cache-control')).toBe('private, no-cache');
    const etag = first.headers.get('etag') ?? '';
    const again = await askAgain('/train/1/image', etag);
    expect([again.status, (await again.arrayBuffer()).byteLength]).toEqual([304, 0]);
    for (const query of ['/train/2/image', '/val/1/image', '/train/1/image?side=32', '/train/1/image?view=augmented'])
      expect((await askAgain(query, etag)).status).toBe(200);
    // What training sees is another picture once the name says so, though no sample is another.
    const augmented = (await ask('/train/1/image?view=augmented')).headers.get('etag') ?? '';
    await stack.send('PUT', '/v1/datasets/pets', { kind: 'image-folder', path, augmentation: 'none' });
    await until(view, ({ survey }) => survey.state === 'ready');
    expect((await askAgain('/train/1/image?view=augmented', augmented)).status).toBe(200);
    expect((await askAgain('/train/1/image', etag)).status).toBe(304);
  });

  it('of a new version are others, by an address of their own', async () => {
    const { newest: before } = await view();
    const of = (digest = ''): string => `/train/0/image?digest=${digest}`;
    const old = await ask(of(before?.digest));
    const red = { create: { width: 8, height: 8, channels: 3, background: 'red' } } as const;
    await sharp(red)
      .png()
      .toFile(join(path, 'train', 'cat', '0.png'));
    await stack.post('/v1/datasets/pets/survey');
    const { newest } = await until(view, ({ numVersions }) => numVersions === 2);
    const now = await pixels(of(newest?.digest));
    expect([...now.data.subarray(0, 3)].map((value) => value > 128)).toEqual([true, false, false]);
    expect((await askAgain('/train/0/image', old.headers.get('etag') ?? '')).status).toBe(200);
    expect((await list(`?digest=${before?.digest}`)).total).toBe(11);
    const unknown = await ask(of('none'));
    expect([unknown.status, await detailOf(unknown)]).toEqual([404, 'no version of pets has the digest none']);
  });

  it('are refused in words where there are none, or the file is another by now', async () => {
    const missing = await ask('/train/99/image');
    expect(missing.status).toBe(422);
    expect(await detailOf(missing)).toBe('there are 11 samples, and no sample 99');
    expect((await ask('/test/0/image')).status).toBe(400);
    await rm(join(path, 'train', 'cat', '0.png'));
    const gone = await ask('/train/0/image');
    expect(gone.status).toBe(422);
    expect(await detailOf(gone)).toContain('train/cat/0.png');
    await stack.post('/v1/datasets', { name: 'new', kind: 'image-folder', path: '/nowhere' });
    expect(await (await fetch(`${stack.url}/v1/datasets/new/samples`)).json()).toMatchObject({ status: 409 });
  });
});
