/** The buffers that move to another thread with the arrays on them. Shared memory stays where it is, for both. */
export function movable(arrays: readonly (Uint8Array | Int32Array | Float32Array)[]): ArrayBuffer[] {
  return arrays.flatMap(({ buffer }) => (buffer instanceof SharedArrayBuffer ? [] : [buffer]));
}
