import { createRequire } from 'node:module';
import type * as Koffi from 'koffi';

/** What Linux has for memory that two processes share, and Node does not. */
export interface SystemCalls {
  /** A file without a name, gone with the last process that has it open or mapped. */
  memfdCreate(name: string, flags: number): number;
  /** Seals of such a file: with `F_ADD_SEALS` the argument is added, with `F_GET_SEALS` they are returned. */
  fcntl(fd: number, command: number, argument: number): number;
  /** Maps the first `bytes` of the file for reading and writing; null where that fails. */
  map(fd: number, bytes: number): { readonly view: Uint8Array<ArrayBuffer>; readonly address: bigint } | null;
  /** No view of the memory may be touched afterwards. */
  unmap(address: bigint, bytes: number): void;
}

const READ_AND_WRITE = 3;
const SHARED = 1;

let known: SystemCalls | null | undefined;

/** Null where the platform has no such memory, or no build of the library that calls it. */
export function systemCalls(): SystemCalls | null {
  if (known === undefined) known = process.platform === 'linux' ? loaded() : null;
  return known;
}

function loaded(): SystemCalls | null {
  try {
    // Not imported: where there is no build for the platform, the exchange goes without it.
    const koffi = createRequire(import.meta.url)('koffi') as typeof Koffi;
    const libc = koffi.load(null);
    const memfdCreate = libc.func('int memfd_create(const char *name, unsigned int flags)');
    const fcntl = libc.func('int fcntl(int fd, int command, ...)');
    const mmap = libc.func('intptr_t mmap(void *at, size_t bytes, int protection, int flags, int fd, int64_t offset)');
    const munmap = libc.func('int munmap(intptr_t at, size_t bytes)');
    return {
      memfdCreate: (name, flags) => Number(memfdCreate(name, flags)),
      fcntl: (fd, command, argument) => Number(fcntl(fd, command, 'int', argument)),
      map: (fd, bytes) => {
        const address = BigInt(mmap(null, bytes, READ_AND_WRITE, SHARED, fd, 0));
        return address === -1n ? null : { view: new Uint8Array(koffi.view(address, bytes)), address };
      },
      unmap: (address, bytes) => void munmap(address, bytes),
    };
  } catch {
    return null;
  }
}
