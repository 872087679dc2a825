import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { unzipSync, zipSync } from 'fflate';
import { RefusedInputError } from '#contracts';
import { openWeights } from '../open-weights.js';

const PLAIN = new URL('../../../../../test/weights/files/plain.pth', import.meta.url);
/** A file's header in the directory at the end. */
const DIRECTORY_ENTRY = Buffer.from('PK\x01\x02', 'latin1');
/** Where in it: flags, compressed and uncompressed size, place of the local header. */
const [FLAGS, SIZE, LOCAL_HEADER] = [8, 20, 42];

let folder: string;
let plain: Buffer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skiplane-zip-spec-'));
  plain = await readFile(PLAIN);
});
afterAll(() => rm(folder, { recursive: true }));

/** Opens a file of these bytes and reads all of its tensors; what refuses it. */
async function refusalOf(bytes: Uint8Array): Promise<string> {
  const path = join(folder, 'weights.pth');
  await writeFile(path, bytes);
  try {
    await using file = await openWeights(path);
    for (const tensor of file.tensors.values()) await tensor.read();
  } catch (error) {
    if (error instanceof RefusedInputError) return error.message;
    throw error;
  }
  return 'not refused';
}

/** Where the headers of the directory begin. */
function directoryOf(bytes: Buffer): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(DIRECTORY_ENTRY); at >= 0; at = bytes.indexOf(DIRECTORY_ENTRY, at + 1)) places.push(at);
  return places;
}

/** The file with a number of its directory changed. */
function changed(entry: number, change: (bytes: Buffer, at: number) => void): Buffer {
  const bytes = Buffer.from(plain);
  change(bytes, directoryOf(bytes)[entry] ?? 0);
  return bytes;
}

describe('a zip of storages', () => {
  it('is read', async () => {
    expect(await refusalOf(plain)).toBe('not refused');
  });

  it('is refused cut off anywhere', async () => {
    for (const length of [4, 30, 500, plain.length >> 1, plain.length - 23, plain.length - 1]) {
      expect(await refusalOf(plain.subarray(0, length))).toMatch(/^a zip that is damaged or not whole: /);
    }
  });

  it('is refused where a storage has changed', async () => {
    const bytes = Buffer.from(plain);
    const at = bytes.indexOf('plain/data/0');
    const byte = at + 100;
    bytes[byte] = (bytes[byte] ?? 0) ^ 1;
    expect(await refusalOf(bytes)).toBe('plain/data/0 in it is damaged: its checksum is another one');
  });

  it.each([
    ['whose files share bytes', (bytes: Buffer, at: number) => bytes.writeUInt32LE(0, at + LOCAL_HEADER), /overlaps/],
    [
      'with a file behind the end',
      (bytes: Buffer, at: number) => bytes.writeUInt32LE(plain.length, at + LOCAL_HEADER),
      /ends behind the end/,
    ],
    [
      'with a file that is longer than the next begins',
      (bytes: Buffer, at: number) => {
        bytes.writeUInt32LE(9000, at + SIZE);
        bytes.writeUInt32LE(9000, at + SIZE + 4);
      },
      /overlaps the file before it/,
    ],
    ['with two sizes', (bytes: Buffer, at: number) => bytes.writeUInt32LE(9000, at + SIZE + 4), /size mismatch/],
    ['that is encrypted', (bytes: Buffer, at: number) => bytes.writeUInt16LE(0x0801, at + FLAGS), /damaged|encrypted/],
    ['with a name that leads out', (bytes: Buffer, at: number) => bytes.write('../', at + 46), /invalid relative path/],
  ])('is refused %s', async (_, change, message) => {
    expect(await refusalOf(changed(4, change))).toMatch(message);
  });

  it('is refused with two files of a name, with two pickles, without one, or with a large one', async () => {
    const bytes = Buffer.from(plain);
    const place = bytes.lastIndexOf('plain/data/19');
    bytes.write('plain/data/18', place);
    expect(await refusalOf(bytes)).toMatch(/two files in it are called plain\/data\/18/);

    const files = unzipSync(plain);
    const pickle = files['plain/data.pkl'] ?? new Uint8Array();
    const stored = (contents: Record<string, Uint8Array>) => zipSync(contents, { level: 0 });
    expect(await refusalOf(stored({ ...files, 'other/data.pkl': pickle }))).toMatch(/not one that torch.save writes/);
    expect(await refusalOf(stored({ 'plain/notes': pickle }))).toMatch(/not one that torch.save writes/);
    expect(await refusalOf(stored({ 'plain/data.pkl': new Uint8Array(2 ** 25 + 1) }))).toMatch(
      /its pickle of 33554433/,
    );
    expect(await refusalOf(stored({ ...files, 'plain/byteorder': Buffer.from('middle') }))).toMatch(
      /byte order "middle"/,
    );
    const { 'plain/data/3': _, ...others } = files;
    expect(await refusalOf(stored(others))).toMatch(/storage 3 needs 12 bytes, the file has none of it/);
  });
});
