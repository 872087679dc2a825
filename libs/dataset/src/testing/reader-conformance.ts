import { afterEach, describe, expect, it } from '@jest/globals';
import { RunFaultError } from '#contracts';
import { UnreadableSampleError, type DatasetReader } from '../dataset-reader.js';
import { parseImageHeader } from '../image-format/image-header.js';

/** What a reader's own test provides: the same small split in the reader's own format. */
export interface ReaderSubject {
  /** Where it lies; removed after the test. */
  readonly folder: AsyncDisposable;
  readonly reader: DatasetReader;
  /** Expected label and bytes of every sample, in order. */
  readonly expected: readonly { readonly label: number; readonly bytes: Uint8Array }[];
  /** Damages or removes what sample 0 is read from. */
  readonly damage: () => Promise<void>;
  /** The file that the damage is said of, where it is not of the sample alone: no run may leave its samples out. */
  readonly damagedFile?: string;
}

/** What every DatasetReader promises, whatever it reads from. */
export function readerConformance(name: string, makeSubject: () => Promise<ReaderSubject>): void {
  describe(`${name} as a DatasetReader`, () => {
    const folders: AsyncDisposable[] = [];
    const make = async (): Promise<ReaderSubject> => {
      const subject = await makeSubject();
      folders.push(subject.folder);
      return subject;
    };
    afterEach(async () => {
      for (const folder of folders.splice(0)) await folder[Symbol.asyncDispose]();
    });

    it('numbers the samples and labels each with an index into the classes', async () => {
      const { reader, expected } = await make();
      expect(reader.length).toBe(expected.length);
      for (const [sample, { label }] of expected.entries()) {
        expect(reader.label(sample)).toBe(label);
        expect(reader.classes[label]).toEqual(expect.any(String));
      }
      await reader.close();
    });

    it('reads the bytes of any sample, many at once, in the encoding it names', async () => {
      const { reader, expected } = await make();
      const { encoding } = reader;
      const read = await Promise.all(expected.map((_, sample) => reader.read(sample)));
      for (const [sample, { bytes }] of expected.entries()) {
        expect(Buffer.compare(read[sample] ?? new Uint8Array(), bytes)).toBe(0);
        if (encoding.kind === 'file') expect(parseImageHeader(bytes).kind).toBe('header');
        else expect(bytes).toHaveLength(3 * encoding.width * encoding.height);
      }
      await reader.close();
    });

    it('gives each caller bytes of its own', async () => {
      const { reader, expected } = await make();
      (await reader.read(0)).fill(0);
      expect(Buffer.compare(await reader.read(0), expected[0]?.bytes ?? new Uint8Array())).toBe(0);
      await reader.close();
    });

    it('tells samples apart by path', async () => {
      const { reader, expected } = await make();
      expect(new Set(expected.map((_, sample) => reader.describe(sample))).size).toBe(expected.length);
      await reader.close();
    });

    it('refuses samples that are not there', async () => {
      const { reader } = await make();
      for (const sample of [-1, reader.length, 0.5, Number.NaN]) {
        expect(() => reader.label(sample)).toThrow(RangeError);
        expect(() => reader.describe(sample)).toThrow(RangeError);
        await expect(reader.read(sample)).rejects.toThrow(RangeError);
      }
      await reader.close();
    });

    it('names the file of a sample that has changed or gone', async () => {
      const { reader, damage, damagedFile } = await make();
      const path = reader.describe(0);
      await damage();
      const failure: unknown = await reader.read(0).catch((error: unknown) => error);
      if (damagedFile === undefined) {
        expect(failure).toBeInstanceOf(UnreadableSampleError);
        expect(failure).toMatchObject({ path });
      } else {
        expect(failure).toBeInstanceOf(RunFaultError);
        expect(failure).not.toBeInstanceOf(UnreadableSampleError);
        expect(failure).toMatchObject({ message: expect.stringContaining(damagedFile) });
      }
      await reader.close();
    });

    it('rejects reads after close and closes twice', async () => {
      const { reader } = await make();
      await reader.close();
      await reader.close();
      await expect(reader.read(0)).rejects.toThrow(UnreadableSampleError);
    });
  });
}
