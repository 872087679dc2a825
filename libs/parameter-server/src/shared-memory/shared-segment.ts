import { randomBytes, timingSafeEqual } from 'node:crypto';
import { closeSync, constants, fstatSync, ftruncateSync, openSync } from 'node:fs';
import { systemCalls, type SystemCalls } from './system-calls.js';

/** Where another process of this host finds a segment, and how it tells that it is the one. */
export interface SegmentLocation {
  readonly pid: number;
  readonly fd: number;
  readonly bytes: number;
  /** 32 bytes in hex that the segment begins with until the other process has opened it. */
  readonly key: string;
}

const KEY_BYTES = 32;
const CLOSE_ON_EXEC = 1;
const ALLOW_SEALING = 2;
const F_ADD_SEALS = 1_033;
const F_GET_SEALS = 1_034;
/** No seal may be taken off, and the file neither shrinks, which would kill who reads it, nor grows. */
const SEALS = 1 | 2 | 4;

/**
 * Memory that two processes of one host have mapped: a file without a name, so nothing is left behind by whoever is
 * killed. Who makes it tells the other its process and descriptor, and Linux lets processes of the same user, in the
 * same container, open them.
 */
export class SharedSegment {
  readonly #calls: SystemCalls;
  readonly #address: bigint;
  #view: Uint8Array<ArrayBuffer>;

  private constructor(calls: SystemCalls, address: bigint, view: Uint8Array<ArrayBuffer>) {
    this.#calls = calls;
    this.#address = address;
    this.#view = view;
  }

  /** Null where the platform has none, or no memory. `location.fd` stays open until `opened` is called. */
  static create(
    bytes: number,
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
      const segment = calls.fcntl(fd, F_ADD_SEALS, SEALS) === 0 ? SharedSegment.#map(calls, fd, bytes) : null;
      if (segment === null) {
        opened();
        return null;
      }
      const key = randomBytes(KEY_BYTES);
      segment.view.set(key);
      return { segment, location: { pid: process.pid, fd, bytes, key: key.toString('hex') }, opened };
    } catch (error) {
      opened();
      throw error;
    }
  }

  /** Opens another process's segment. Null where it cannot be had, or is another one: on another host, in another container. */
  static open({ pid, fd, bytes, key }: SegmentLocation): SharedSegment | null {
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
      const segment = SharedSegment.#map(calls, file, bytes);
      if (segment === null) return null;
      if (timingSafeEqual(segment.view.subarray(0, KEY_BYTES), Buffer.from(key, 'hex'))) return segment;
      segment.close();
      return null;
    } finally {
      closeSync(file);
    }
  }

  static #map(calls: SystemCalls, fd: number, bytes: number): SharedSegment | null {
    const mapped = calls.map(fd, bytes);
    return mapped === null ? null : new SharedSegment(calls, mapped.address, mapped.view);
  }

  /** The memory; to be asked for each time, because it is empty once the segment is closed. */
  get view(): Uint8Array<ArrayBuffer> {
    return this.#view;
  }

  /** Gives the memory back; safe to call twice. */
  close(): void {
    const { byteLength } = this.#view;
    if (byteLength === 0) return;
    this.#view = new Uint8Array(0);
    this.#calls.unmap(this.#address, byteLength);
  }
}
