import { createHash } from 'node:crypto';

export interface HeldObject {
  readonly bytes: Uint8Array;
  readonly etag: string;
  readonly changedAt: Date;
}

export function heldObject(bytes: Uint8Array): HeldObject {
  return { bytes, etag: `"${createHash('md5').update(bytes).digest('hex')}"`, changedAt: new Date() };
}

/** An upload in parts, by their numbers. */
export interface Upload {
  readonly path: string;
  readonly parts: Map<number, Uint8Array>;
}

/** What a server holds. */
export interface Holdings {
  /** By path: `bucket/key`. */
  readonly objects: Map<string, HeldObject>;
  readonly uploads: Map<string, Upload>;
}
