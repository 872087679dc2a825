/** Strings as one block of UTF-8 in shared memory: threads have it without a copy, and a million paths are two objects. */
export interface StringColumn {
  readonly bytes: Uint8Array;
  /** String s is bytes[ends[s-1] .. ends[s]). */
  readonly ends: Uint32Array;
}

/** String number `at`, from 0. */
export function stringAt({ bytes, ends }: StringColumn, at: number): string {
  const start = at === 0 ? 0 : (ends[at - 1] ?? 0);
  // A copy: TextDecoder refuses views of shared memory.
  return decoder.decode(bytes.slice(start, ends[at]));
}

// A byte order mark is a part of a file's name.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
