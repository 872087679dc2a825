import { createHash } from 'node:crypto';
import { isRemote, type DatasetSpec } from '#contracts';
import type { DatasetScan, Fault, ScanContext, Split } from '../dataset.js';
import { isFolder } from '../disk-threads/list-files.js';
import { IndexedReader } from '../indexed-reader.js';
import { countBeside } from '../scan/count-beside.js';
import { SampleIndexBuilder } from '../sample-index.js';
import { CIFAR_SIDE, cifarRecordBytes, type CifarLayout } from './cifar-layout.js';
import { readClassNames } from './read-class-names.js';
import { scanRecords } from './scan-records.js';

/**
 * Reads every record once: labels are checked, and the digest covers class names, file sizes and every byte.
 * Cost: 185 MB read and hashed, about a second; 20 bytes of index a sample.
 */
export async function scanCifar(
  { kind, path }: Pick<DatasetSpec, 'kind' | 'path'>,
  layout: CifarLayout,
  context: ScanContext,
): Promise<DatasetScan> {
  const { source, store, signal, onProgress, onImages } = context;
  const faults: Fault[] = [...(await misplacement(path, layout, context))];
  const names = await readClassNames(layout, context);
  faults.push(...names.faults);
  const hash = createHash('sha256').update(`${JSON.stringify(names.classes)}\n`);

  const scanSplit = async (split: Split): Promise<IndexedReader> => {
    const builder = new SampleIndexBuilder();
    const [recordBytes, headerBytes] = [cifarRecordBytes(layout), layout.labelBytes.length];
    let numSamples = 0;
    for (const file of layout[split]) {
      const onRecords = (count: number): void => {
        numSamples += count;
        onProgress?.({ split, numSamples });
        onImages?.({
          format: 'planar rgb',
          width: CIFAR_SIDE,
          height: CIFAR_SIDE,
          count,
          isTurned: false,
          hasProfile: false,
        });
      };
      const scan = await scanRecords({ store, file, layout, hash, onRecords, signal });
      faults.push(...scan.faults);
      const number = builder.addFile(file, {
        sizeBytes: scan.labels.length * recordBytes,
        ...(isRemote(source.location) && { version: scan.version }),
      });
      for (const [record, label] of scan.labels.entries()) {
        const offset = record * recordBytes + headerBytes;
        builder.add({ file: number, offset, length: recordBytes - headerBytes, label });
      }
    }
    const encoding = { kind: 'planar-rgb', width: CIFAR_SIDE, height: CIFAR_SIDE } as const;
    return new IndexedReader({ source, kind, classes: names.classes, index: builder.build(), encoding });
  };
  const train = await scanSplit('train');
  const validation = await scanSplit('val');
  const { classes } = names;
  const dependsOn = ['/', layout.namesFile, ...layout.train, ...layout.val];
  return { classes, classNames: classes, train, validation, digest: hash.digest('hex'), dependsOn, faults, broken: [] };
}

/** Common mistakes that explain why all files are missing. */
async function misplacement(path: string, layout: CifarLayout, context: ScanContext): Promise<readonly Fault[]> {
  const { location } = context.store;
  if (!isRemote(location) && !(await isFolder(location)))
    return [{ path, message: `expected a folder with the binary version; there is no folder ${location}` }];
  const known = new Set([layout.namesFile, ...layout.train, ...layout.val]);
  const entries = await countBeside(context, (name) => known.has(name));
  if ([...layout.train, ...layout.val].some((file) => entries.includes(file))) return [];
  if (entries.includes(layout.archiveFolder)) {
    return [{ path, message: `the data lies one folder deeper: give ${layout.archiveFolder} in it` }];
  }
  const other = layout.otherVersions.find((file) => entries.includes(file));
  const source = 'https://www.cs.toronto.edu/~kriz/cifar.html';
  if (other !== undefined) {
    const message = `is of the Python or MATLAB version, which is not read; get the binary version, ${layout.archive}, of ${source}`;
    return [{ path: other, message }];
  }
  return entries.includes(layout.archive) ? [{ path: layout.archive, message: 'is packed: unpack it' }] : [];
}
