import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/** A file is not the one that was pinned: a broken or a changed download. */
export class ChecksumError extends Error {
  override readonly name = 'ChecksumError';
}

/** SHA-256 of a file as lower-case hex, read in chunks (some 0.5 GB/s). */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}
