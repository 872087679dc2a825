import type { LaneNode } from '../reduce/lane-tree.js';
import { sumTree } from '../reduce/sum-tree.js';

/** Globals are slow to reach inside the test runner's context. */
const { imul } = Math;

/** The gradient vector of a lane: numbers of very different size, so that the order of addition shows in the bits. */
export function laneVector(lane: number, length: number, seed = 1): Float32Array<ArrayBuffer> {
  const vector = new Float32Array(length);
  let state = imul(seed * 1_000 + lane + 1, 0x9e3779b1);
  for (let index = 0; index < length; index += 1) {
    // A linear congruential generator (Numerical Recipes); its upper bits choose the exponent.
    state = (imul(state, 1_664_525) + 1_013_904_223) | 0;
    vector[index] = state / 2 ** (state >>> 28);
  }
  return vector;
}

/** What a worker pushes for a node: the first `numRounded` elements added as on a 16-bit wire. */
export function nodeVector(
  node: LaneNode,
  length: number,
  { seed = 1, numRounded = 0 }: { readonly seed?: number; readonly numRounded?: number } = {},
): Float32Array<ArrayBuffer> {
  return sumTree(node, (lane) => laneVector(lane, length, seed), numRounded);
}

/** The bits, for comparison: NaN and signed zeros count. */
export function bitsOf(vector: Float32Array): string {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64');
}
