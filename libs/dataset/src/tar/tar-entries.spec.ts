import { describe, expect, it } from '@jest/globals';
import { readAhead, type ByteSource } from '../byte-source.js';
import { testTar, type TestTarEntry } from '../testing/test-tar.js';
import { tarEntries, TarFault, type TarEntry } from './tar-entries.js';

function sourceOf(bytes: Uint8Array, reads: number[] = []): ByteSource {
  return {
    sizeBytes: bytes.length,
    read: (from, length) => {
      reads.push(length);
      return Promise.resolve(bytes.subarray(from, from + length));
    },
  };
}

async function entriesOf(source: ByteSource): Promise<readonly TarEntry[]> {
  const entries: TarEntry[] = [];
  for await (const entry of tarEntries(source)) entries.push(entry);
  return entries;
}

const faultOf = (bytes: Uint8Array): Promise<unknown> => entriesOf(sourceOf(bytes)).catch((error: unknown) => error);

describe('tarEntries', () => {
  it('finds where the contents of every entry lie, whatever way its name is written', async () => {
    const long = `${'deep/'.repeat(30)}${'ü'.repeat(60)}.jpg`;
    const given: TestTarEntry[] = [
      { path: 'a/', type: 'Directory' },
      { path: 'a/short.jpg', bytes: 'one' },
      { path: `${'d/'.repeat(50)}${'n'.repeat(60)}.png`, bytes: 'ustar' },
      { path: long, bytes: 'x'.repeat(1000), longName: 'gnu' },
      { path: `${long}x`, bytes: 'pax', longName: 'pax' },
      { path: 'link.jpg', type: 'Link' },
    ];
    const bytes = testTar(given);
    const found = await entriesOf(sourceOf(bytes));
    expect(found.map(({ path }) => path)).toEqual(given.map(({ path }) => path));
    expect(found.map(({ kind }) => kind)).toEqual(['other', 'file', 'file', 'file', 'file', 'link']);
    const contents = found.map(({ offset, sizeBytes }) =>
      Buffer.from(bytes.subarray(offset, offset + sizeBytes)).toString(),
    );
    expect(contents).toEqual(given.map((entry) => entry.bytes ?? ''));
  });

  it('takes a tar without empty blocks at its end, and one of nothing else', async () => {
    const bytes = testTar([{ path: 'a.jpg', bytes: 'one' }]);
    expect(await entriesOf(sourceOf(bytes.subarray(0, -1024)))).toHaveLength(1);
    expect(await entriesOf(sourceOf(testTar([])))).toEqual([]);
  });

  it('says where a tar is cut short or damaged, and what is no tar', async () => {
    const bytes = testTar([
      { path: 'a.jpg', bytes: 'x'.repeat(2000) },
      { path: 'b.jpg', bytes: 'two' },
    ]);
    expect(await faultOf(bytes.subarray(0, 1500))).toEqual(
      new TarFault('cut short: a.jpg at byte 0 ends at byte 2512 of 1500'),
    );
    expect(await faultOf(bytes.subarray(0, 2600))).toEqual(
      new TarFault('cut short: it ends inside a header at byte 2560'),
    );
    const damaged = bytes.slice();
    damaged[2570] = 0xff;
    expect(await faultOf(damaged)).toEqual(new TarFault('damaged: no tar header at byte 2560'));
    const gzip = Buffer.alloc(600, 7);
    gzip.set([0x1f, 0x8b]);
    expect(await faultOf(gzip)).toMatchObject({ message: expect.stringContaining('compressed by gzip') });
    expect(await faultOf(testTar([{ path: 's.jpg', type: 'SparseFile' }]))).toEqual(
      new TarFault('s.jpg is a sparse file; pack it again without --sparse'),
    );
  });

  it('reads two ends of large contents and many small ones at once', async () => {
    const walk = async (sizeBytes: number, count: number): Promise<number[]> => {
      const reads: number[] = [];
      const entry = { path: 'a.jpg', bytes: new Uint8Array(sizeBytes) };
      await entriesOf(readAhead(sourceOf(testTar(Array.from({ length: count }, () => entry)), reads)));
      return reads;
    };
    const large = await walk(1_000_000, 20);
    expect(large).toHaveLength(21);
    expect(large.reduce((sum, length) => sum + length, 0)).toBeLessThan(21 * 17_000);
    expect((await walk(300, 2000)).length).toBeLessThan(10);
  });
});
