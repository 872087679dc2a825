/** By so much a pair is shifted before it is added to itself. */
export const DIGEST_SHIFT = 33;

/** Floats of a row of the digest's matrix. */
export const DIGEST_ROW = 4_096;

const MASK = 2n ** 64n - 1n;

/** The `index`-th number of splitmix64 (Steele et al. 2014), as an odd one of 64 bits. */
function weightAt(index: bigint): bigint {
  let z = (index * 0x9e37_79b9_7f4a_7c15n) & MASK;
  z = ((z ^ (z >> 30n)) * 0xbf58_476d_1ce4_e5b9n) & MASK;
  z = ((z ^ (z >> 27n)) * 0x94d0_49bb_1331_11ebn) & MASK;
  return BigInt.asIntN(64, (z ^ (z >> 31n)) | 1n);
}

/** Weights of the pairs of floats in a row. */
export const columnWeights: BigInt64Array<ArrayBuffer> = BigInt64Array.from({ length: DIGEST_ROW / 2 }, (_, column) =>
  weightAt(BigInt(column + 1)),
);

/** Weights of the rows that a vector of so many elements has, the last one perhaps not full. */
export function rowWeights(length: number): BigInt64Array<ArrayBuffer> {
  const first = BigInt(columnWeights.length + 1);
  return BigInt64Array.from({ length: Math.ceil(length / DIGEST_ROW) }, (_, row) => weightAt(first + BigInt(row)));
}

/** What a vector's length adds to the sum: zeros at the end would add nothing. */
export const lengthTerm = (length: number): bigint => BigInt.asIntN(64, BigInt(length) * weightAt(0x1_0000_0000n));

/** The digest that a sum of 64 bits is: 16 digits of hex. */
export const digestOfSum = (sum: bigint): string => BigInt.asUintN(64, sum).toString(16).padStart(16, '0');
