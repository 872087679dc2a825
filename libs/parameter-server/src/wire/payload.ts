/** Bytes that are made where they are to lie: no copy of them need exist before. */
export interface MadePayload {
  /** Bytes, CHUNK_BYTES at most. */
  readonly length: number;
  /** Fills the target, which has so many bytes and begins where a number of 4 bytes may. */
  make(target: Uint8Array): void;
}

/** What is sent after a header: bytes from where they lie, or those that are made on the way. */
export type Payload = Uint8Array | MadePayload;

/** Puts the payload into memory of its length. */
export function writePayload(target: Uint8Array, payload: Payload): void {
  if (payload instanceof Uint8Array) target.set(payload);
  else payload.make(target);
}
