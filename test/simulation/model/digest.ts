/** 32 bits that depend on every bit of the vector and on where it stands. */
export function digestOf(vector: Float32Array): number {
  const words = new Uint32Array(vector.buffer, vector.byteOffset, vector.length);
  let digest = 0x811c9dc5;
  for (const word of words) {
    digest = Math.imul(digest ^ word, 0x01000193);
    digest ^= digest >>> 15;
  }
  return digest >>> 0;
}
