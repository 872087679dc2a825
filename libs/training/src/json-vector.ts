/** A value as JSON in a vector, filled up with spaces: state travels between workers as vectors. */
export function jsonToVector(value: unknown): Float32Array<ArrayBuffer> {
  const bytes = Buffer.from(JSON.stringify(value), 'utf8');
  const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4).fill(0x20);
  padded.set(bytes);
  return new Float32Array(padded.buffer);
}

/** Reads what `jsonToVector` wrote. Throws SyntaxError where it is something else. */
export function jsonFromVector(vector: Float32Array): unknown {
  return JSON.parse(Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('utf8'));
}
