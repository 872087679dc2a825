import type { SampleIndex } from './sample-index.js';

/** Records of one size, end to end in a file. */
export interface RecordFile {
  /** Relative to the data set's folder. */
  readonly path: string;
  /** One a record. */
  readonly labels: Uint8Array;
}

export interface RecordShape {
  /** Bytes of a record, and of what comes before its image in it. */
  readonly recordBytes: number;
  readonly headerBytes: number;
}

/** The index of images that lie in records of a few large files, in the order of files and records. */
export function recordIndex(files: readonly RecordFile[], { recordBytes, headerBytes }: RecordShape): SampleIndex {
  const numSamples = files.reduce((sum, { labels }) => sum + labels.length, 0);
  const column = (): Uint32Array => new Uint32Array(new SharedArrayBuffer(numSamples * 4));
  const [lengths, labels, fileNumbers] = [column(), column(), column()];
  const offsets = new Float64Array(new SharedArrayBuffer(numSamples * 8));
  let sample = 0;
  for (const [fileNumber, file] of files.entries()) {
    for (const [record, label] of file.labels.entries()) {
      lengths[sample] = recordBytes - headerBytes;
      labels[sample] = label;
      fileNumbers[sample] = fileNumber;
      offsets[sample] = record * recordBytes + headerBytes;
      sample += 1;
    }
  }
  const paths = files.map(({ path }) => new TextEncoder().encode(path));
  const pathEnds = new Uint32Array(new SharedArrayBuffer(paths.length * 4));
  const pathBytes = new Uint8Array(new SharedArrayBuffer(paths.reduce((sum, path) => sum + path.length, 0)));
  let end = 0;
  for (const [at, path] of paths.entries()) {
    pathBytes.set(path, end);
    end += path.length;
    pathEnds[at] = end;
  }
  return { numSamples, lengths, labels, files: fileNumbers, offsets, pathBytes, pathEnds };
}
