import { randomBytes, timingSafeEqual } from 'node:crypto';
import { closeSync, constants, fstatSync, ftruncateSync, openSync } from 'node:fs';
import { systemCalls, type SystemCalls } from './system-calls.js';

/** Where another process of this host finds a segment, and how it tells that it is the one. */
export interface SegmentLocation {
  readonly pid: number;
  readonly fd: number;
  readonly bytes: number;
  /** 32 bytes in hex that the segment begins with. */
  readonly key: string;
}

const KEY_BYTES = 32;
const CLOSE_ON_EXEC = 1;
const ALLOW_SEALING = 2;
const F_ADD_SEALS = 1_033;
const F_GET_SEALS = 1_034;
/** No seal may be taken off, and the file neither shrinks, which would kill who reads it, nor grows. */
const SEALS = 1 | 2 | 4;

/** Where a segment is mapped. */
interface Mapping {
  part(from: number, numBytes: number): Uint8Array<ArrayBuffer>;
  /** No part of the memory may be touched afterwards. */
  unmap(): void;
}

/** Whole pages that a process has already, to map a segment over. */
export interface Space {
  readonly pages: Uint8Array<ArrayBuffer>;
  /** The segment is closed. */
  giveBack(): void;
}

/**
 * Memory that processes of one host have mapped: a file without a name, so nothing is left behind by whoever is
 * killed. Who makes it tells the others its process and descriptor, and Linux lets processes of the same user, in the
 * same container, open them.
 */
export class SharedSegment {
  readonly #mapping: Mapping;
  #bytes: number;

  private constructor(mapping: Mapping, bytes: number) {
    this.#mapping = mapping;
    this.#bytes = bytes;
  }

  /**
   * Null where the platform has none, or no memory. It is mapped over the space where one is given. `location.fd` stays
   * open until `opened` is called.
   */
  static create(
    bytes: number,
    space?: Space,
  ): { readonly segment: SharedSegment; readonly location: SegmentLocation; readonly opened: () => void } | null {
    const calls = systemCalls();
    const fd = calls?.memfdCreate('skiplane', CLOSE_ON_EXEC | ALLOW_SEALING) ?? -1;
    if (calls === null || fd < 0) return null;
    let isOpen = true;
    const opened = (): void => {
      if (isOpen) closeSync(fd);
      isOpen = false;
    };
    try {
      ftruncateSync(fd, bytes);
      const mapping = calls.fcntl(fd, F_ADD_SEALS, SEALS) === 0 ? mapped(calls, { fd, bytes, space }) : null;
      if (mapping === null) {
        opened();
        return null;
      }
      const key = randomBytes(KEY_BYTES);
      mapping.part(0, KEY_BYTES).set(key);
      const location = { pid: process.pid, fd, bytes, key: key.toString('hex') };
      return { segment: new SharedSegment(mapping, bytes), location, opened };
    } catch (error) {
      opened();
      throw error;
    }
  }

  /** Opens another process's segment. Null where it cannot be had, or is another one: on another host, in another container. */
  static open({ pid, fd, bytes, key }: SegmentLocation, space?: Space): SharedSegment | null {
    const calls = systemCalls();
    if (calls === null) return null;
    let file;
    try {
      file = openSync(`/proc/${pid}/fd/${fd}`, constants.O_RDWR | constants.O_NONBLOCK);
    } catch {
      return null;
    }
    try {
      const status = fstatSync(file);
      if (!status.isFile() || status.size !== bytes || calls.fcntl(file, F_GET_SEALS, 0) !== SEALS) return null;
      const mapping = mapped(calls, { fd: file, bytes, space });
      if (mapping === null) return null;
      if (timingSafeEqual(mapping.part(0, KEY_BYTES), Buffer.from(key, 'hex')))
        return new SharedSegment(mapping, bytes);
      mapping.unmap();
      return null;
    } finally {
      closeSync(file);
    }
  }

  /** Its size; none once it is closed. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Some of the memory, not to be touched once the segment is closed. Parts that begin alike must have one size. */
  part(from: number, numBytes: number): Uint8Array<ArrayBuffer> {
    if (from < 0 || from + numBytes > this.#bytes)
      throw new RangeError(`bytes ${from} to ${from + numBytes} of a segment of ${this.#bytes}`);
    return this.#mapping.part(from, numBytes);
  }

  /** Gives the memory back; safe to call twice. */
  close(): void {
    if (this.#bytes === 0) return;
    this.#bytes = 0;
    this.#mapping.unmap();
  }
}

function mapped(
  calls: SystemCalls,
  { fd, bytes, space }: { readonly fd: number; readonly bytes: number; readonly space: Space | undefined },
): Mapping | null {
  if (space === undefined) {
    const address = calls.map(fd, bytes);
    if (address === null) return null;
    // Parts are made as they are used: one view of everything would be memory of this process to the garbage collector.
    const parts = new Map<number, Uint8Array<ArrayBuffer>>();
    const part = (from: number, numBytes: number): Uint8Array<ArrayBuffer> => {
      const made = parts.get(from) ?? calls.view(address + BigInt(from), numBytes);
      parts.set(from, made);
      return made;
    };
    return { part, unmap: () => calls.unmap(address, bytes) };
  }
  const { pages } = space;
  if (pages.length !== bytes || !calls.mapOver(pages, fd)) return null;
  return {
    part: (from, numBytes) => pages.subarray(from, from + numBytes),
    unmap: () => {
      calls.unmapOver(pages);
      space.giveBack();
    },
  };
}
