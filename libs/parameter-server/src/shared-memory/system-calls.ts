import { createRequire } from 'node:module';
import type * as Koffi from 'koffi';

/** What Linux has for memory that two processes share, and Node does not. */
export interface SystemCalls {
  /** A file without a name, gone with the last process that has it open or mapped. */
  memfdCreate(name: string, flags: number): number;
  /** Seals of such a file: with `F_ADD_SEALS` the argument is added, with `F_GET_SEALS` they are returned. */
  fcntl(fd: number, command: number, argument: number): number;
  /** Maps the first `bytes` of the file for reading and writing. Returns the address; null where that fails. */
  map(fd: number, bytes: number): bigint | null;
  /** Memory at an address. The garbage collector counts it as memory of this process. */
  view(address: bigint, bytes: number): Uint8Array<ArrayBuffer>;
  /** No view of the memory may be touched afterwards. */
  unmap(address: bigint, bytes: number): void;
  /** Maps the first bytes of the file over whole pages of memory that the process has; false where that fails. */
  mapOver(pages: Uint8Array, fd: number): boolean;
  /** Puts memory of the process's own, all zeros, where a file was mapped over pages. */
  unmapOver(pages: Uint8Array): void;
  /** Gives what such a file holds in these pages back to the system: they read as zeros. */
  discard(pages: Uint8Array): void;
}

const READ_AND_WRITE = 3;
const SHARED = 1;
/** MAP_FIXED, and with it MAP_PRIVATE and MAP_ANONYMOUS. */
const FIXED = 0x10;
const OWN_FIXED = 0x32;
const MADV_REMOVE = 9;

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
    const mmapOver = libc.func(
      'intptr_t mmap(uint8_t *at, size_t bytes, int protection, int flags, int fd, int64_t offset)',
    );
    const madvise = libc.func('int madvise(uint8_t *at, size_t bytes, int advice)');
    const munmap = libc.func('int munmap(intptr_t at, size_t bytes)');
    return {
      memfdCreate: (name, flags) => Number(memfdCreate(name, flags)),
      fcntl: (fd, command, argument) => Number(fcntl(fd, command, 'int', argument)),
      map: (fd, bytes) => {
        const address = BigInt(mmap(null, bytes, READ_AND_WRITE, SHARED, fd, 0));
        return address === -1n ? null : address;
      },
      view: (address, bytes) => new Uint8Array(koffi.view(address, bytes)),
      unmap: (address, bytes) => void munmap(address, bytes),
      mapOver: (pages, fd) => BigInt(mmapOver(pages, pages.length, READ_AND_WRITE, SHARED | FIXED, fd, 0)) !== -1n,
      unmapOver: (pages) => void mmapOver(pages, pages.length, READ_AND_WRITE, OWN_FIXED, -1, 0),
      discard: (pages) => void madvise(pages, pages.length, MADV_REMOVE),
    };
  } catch {
    return null;
  }
}
