import { columnWeights, DIGEST_ROW, digestOfSum, lengthTerm, rowWeights } from './digest-weights.js';
import { kernels, page } from './kernels.js';

const ROW_BYTES = DIGEST_ROW * 4;
const row = new Float32Array(page, 0, DIGEST_ROW);
const weights = new BigInt64Array(page, ROW_BYTES, columnWeights.length);

/** Elements read before the event loop has its turn, whole rows: 4 MiB, some 2 ms. */
const PIECE = 256 * DIGEST_ROW;

/**
 * The bits of a vector in 64 bits, as hex: equal for equal bits, and different for others but for a chance of 2^-31 (two bits
 * that differ) to 2^-64 (many). Against mishaps, not against forgers.
 *
 * The vector is a matrix of pairs of floats, each pair a whole number x of 64 bits, the last row filled up with zeros:
 *
 *     sum over rows r and columns c of (x[r,c] + floor(x[r,c] / 2^33)) * row[r] * column[c]  +  length * constant   mod 2^64
 *
 * Weights are odd, so a single number that differs always shows. The shift brings the upper float's bits down: in the upper
 * half of a word a weight's bits fall off, and two signs that differ would cancel. By 32 the two floats of a pair would have
 * one weight, and their signs cancel. The order of the sum does not matter, so a graph computes the same by reductions
 * (`emitDigest` of libs/engine).
 *
 * 102 MB take some 20 ms. Long vectors are read piece by piece, so that whatever else the thread has to do waits for
 * 2 ms at most. Borrows the vector until it resolves.
 */
export async function vectorDigest(vector: Float32Array): Promise<string> {
  const byRow = rowWeights(vector.length);
  let sum = lengthTerm(vector.length);
  for (let from = 0; from < vector.length; from += PIECE) {
    if (from > 0) await new Promise((resolve) => setImmediate(resolve));
    sum += sumOfPiece(vector.subarray(from, from + PIECE), byRow.subarray(from / DIGEST_ROW));
  }
  return digestOfSum(sum);
}

/** The same at once, for threads that nobody else waits for. */
export function digestNow(vector: Float32Array): string {
  return digestOfSum(lengthTerm(vector.length) + sumOfPiece(vector, rowWeights(vector.length)));
}

/** The module's page is others' between two calls. */
function sumOfPiece(piece: Float32Array, byRow: BigInt64Array): bigint {
  weights.set(columnWeights);
  let sum = 0n;
  for (let at = 0; at * DIGEST_ROW < piece.length; at += 1) {
    const part = piece.subarray(at * DIGEST_ROW, (at + 1) * DIGEST_ROW);
    row.set(part);
    if (part.length < DIGEST_ROW) row.fill(0, part.length);
    sum = BigInt.asIntN(64, sum + kernels.digest(0, ROW_BYTES, ROW_BYTES) * (byRow[at] ?? 0n));
  }
  return sum;
}
