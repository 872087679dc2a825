import { parseLocation, RefusedInputError } from '#contracts';
import { DiskStore } from './disk/disk-store.js';
import { waitingCalls } from './disk/folder-calls.js';
import { HttpTransport } from './http/http-transport.js';
import type { Limits } from './remote/patience.js';
import { RemoteStore } from './remote/remote-store.js';
import { WritableRemoteStore } from './remote/writable-remote-store.js';
import { S3Transport } from './s3/s3-transport.js';
import type { Store, WritableStore } from './store.js';
import type { StoreSettings } from './store-settings.js';

/** Where files lie and how they are reached: plain data, by which any thread opens the same files. */
export interface FileSource {
  /** An absolute path, or an address. */
  readonly location: string;
  readonly settings: StoreSettings;
}

/**
 * A folder of this host, which its thread waits for while it is listed. For threads that do nothing else. `onAnswer` is called
 * whenever the disk has answered.
 */
export function openWaitingDisk(folder: string, onAnswer: () => void): Store {
  return new DiskStore(folder, waitingCalls(onAnswer));
}

/** Opens a location; nothing is asked of it yet. Throws RefusedInputError for an address that is not known. */
export function openStore({ location, settings }: FileSource, limits?: Limits): Store {
  const parsed = parseLocation(location);
  switch (parsed.kind) {
    case 'disk':
      return new DiskStore(parsed.folder);
    case 'http':
      return new RemoteStore(new HttpTransport(parsed.url), limits);
    case 's3':
      return new RemoteStore(new S3Transport(parsed, settings), limits);
  }
}

/** Opens a location to write to it. Throws RefusedInputError where that is none of S3. */
export function openWritableStore({ location, settings }: FileSource, limits?: Limits): WritableStore {
  const parsed = parseLocation(location);
  if (parsed.kind === 's3') return new WritableRemoteStore(new S3Transport(parsed, settings), limits);
  throw new RefusedInputError(`${location}: only s3://bucket/prefix is written to`);
}
