/** The part of `node:fs` that production code writes and reads checkpoints and steps with, on the simulated disk. */
import * as real from 'node:fs';
import { Readable } from 'node:stream';
import { DiskError, type DiskNode } from '../world/disk.js';
import { isSimulated, reading, writing } from './disk-access.js';

export * from 'node:fs';

/** Descriptors of simulated files; real ones are small. */
const FIRST_DESCRIPTOR = 1_000_000;
const opened = new Map<number, DiskNode>();
let nextDescriptor = FIRST_DESCRIPTOR;

function nodeOf(descriptor: number): DiskNode {
  const node = opened.get(descriptor);
  if (node === undefined) throw new DiskError('ENOENT', `descriptor ${descriptor}`);
  return node;
}

export const existsSync: typeof real.existsSync = (path) =>
  isSimulated(path) ? reading().find(path) !== undefined : real.existsSync(path);

export function mkdirSync(path: string, options?: { readonly recursive?: boolean }): string | undefined {
  return isSimulated(path) ? writing().makeFolder(path, options?.recursive === true) : real.mkdirSync(path, options);
}

export function openSync(path: string, mode: string): number {
  if (!isSimulated(path)) return real.openSync(path, mode);
  const node = mode === 'w' || mode === 'wx' ? writing().create(path, mode) : reading().find(path);
  if (node === undefined) throw new DiskError('ENOENT', path);
  nextDescriptor += 1;
  opened.set(nextDescriptor, node);
  return nextDescriptor;
}

/** Takes in no more than a part at once, as a disk may. */
export function writeSync(descriptor: number, bytes: Uint8Array, offset = 0): number {
  if (descriptor < FIRST_DESCRIPTOR) return real.writeSync(descriptor, bytes, offset);
  const node = nodeOf(descriptor);
  const count = Math.min(bytes.length - offset, 4_096);
  if (node.kind === 'file') writing().append(node, bytes.subarray(offset, offset + count));
  return count;
}

export function fsyncSync(descriptor: number): void {
  if (descriptor < FIRST_DESCRIPTOR) return real.fsyncSync(descriptor);
  writing().sync(nodeOf(descriptor));
}

export function closeSync(descriptor: number): void {
  if (descriptor < FIRST_DESCRIPTOR) return real.closeSync(descriptor);
  opened.delete(descriptor);
}

export function readdirSync(path: string): string[] {
  return isSimulated(path) ? [...reading().folder(path).entries.keys()] : real.readdirSync(path);
}

export function readFileSync(path: string, encoding?: BufferEncoding): Buffer | string {
  if (!isSimulated(path)) return real.readFileSync(path, encoding);
  const bytes = Buffer.from(reading().file(path).bytes);
  return encoding === undefined ? bytes : bytes.toString(encoding);
}

export function renameSync(from: string, to: string): void {
  if (isSimulated(from)) writing().rename(from, to);
  else real.renameSync(from, to);
}

export function rmSync(path: string, options?: real.RmOptions): void {
  if (!isSimulated(path)) return real.rmSync(path, options);
  const disk = writing();
  if (options?.force === true && disk.find(path) === undefined) return;
  disk.remove(path);
}

export function statSync(
  path: string,
  options?: { readonly throwIfNoEntry?: boolean },
): { readonly size: number; readonly mtimeMs: number } | undefined {
  if (!isSimulated(path)) return real.statSync(path, options);
  const node = reading().find(path);
  if (node === undefined && options?.throwIfNoEntry !== false) throw new DiskError('ENOENT', path);
  return node && { size: node.kind === 'file' ? node.bytes.length : 0, mtimeMs: node.mtimeMs };
}

export function readSync(
  descriptor: number,
  into: Uint8Array,
  offset: number,
  length: number,
  position: number,
): number {
  if (descriptor < FIRST_DESCRIPTOR) return real.readSync(descriptor, into, offset, length, position);
  const node = nodeOf(descriptor);
  const bytes = node.kind === 'file' ? node.bytes.subarray(position, position + length) : new Uint8Array(0);
  into.set(bytes, offset);
  return bytes.length;
}

export function truncateSync(path: string, length: number): void {
  if (isSimulated(path)) writing().truncate(reading().file(path), length);
  else real.truncateSync(path, length);
}

/** What the file holds now from a byte on, in one piece. */
export function createReadStream(path: string, options: { readonly start?: number } = {}): Readable {
  if (!isSimulated(path)) return real.createReadStream(path, options);
  const node = reading().find(path);
  if (node?.kind === 'file')
    return Readable.from([Buffer.from(node.bytes.subarray(options.start ?? 0))], { objectMode: false });
  return new Readable({
    read() {
      this.destroy(new DiskError('ENOENT', path));
    },
  });
}
