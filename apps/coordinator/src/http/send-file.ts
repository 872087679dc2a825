import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';

export interface SentFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** What the reader's copy is called. */
  readonly name: string;
  readonly mediaType: string;
  /** SHA-256 of the content, where it is known. */
  readonly etag?: string | undefined;
}

/** Sends a file as a download; resolves when it was sent, or the reader went away. */
export async function sendFile(
  response: Response,
  { path, sizeBytes, name, mediaType, etag }: SentFile,
): Promise<void> {
  response.set({
    'Content-Type': mediaType,
    'Content-Length': String(sizeBytes),
    'Content-Disposition': `attachment; filename="${name}"`,
    ...(etag !== undefined && { ETag: `"${etag}"` }),
  });
  await pipeline(createReadStream(path), response).catch((error: unknown) => {
    // A reader that goes away in the middle is no fault.
    if (!response.destroyed) throw error;
  });
}
