import { concatenate, slice, type GraphBuilder, type Tensor } from '#tensorflow-graph';
import { emitOnEach, type Placement } from './placement.js';

/** A part of the gradient vector, in elements. */
export interface VectorSlice {
  readonly offset: number;
  readonly length: number;
}

/** Elements in 64 bytes: a slice that begins there shares the memory of its vector. */
const ALIGNED = 16;

/** One slice of a vector for each device: as long as the others, but for the last ones. */
export function slicesOf(length: number, numDevices: number): readonly VectorSlice[] {
  const step = ALIGNED * Math.ceil(length / numDevices / ALIGNED);
  return Array.from({ length: numDevices }, (_, device) => {
    const offset = Math.min(length, device * step);
    return { offset, length: Math.min(step, length - offset) };
  });
}

/** 1 MiB: a copy of it stays in a CPU's cache. */
const PIECE_ELEMENTS = 2 ** 18;

/** The pieces in which a vector leaves the session, from its beginning to its end. */
export function fetchedPieces(length: number): readonly VectorSlice[] {
  return Array.from({ length: Math.ceil(length / PIECE_ELEMENTS) }, (_, piece) => {
    const offset = piece * PIECE_ELEMENTS;
    return { offset, length: Math.min(PIECE_ELEMENTS, length - offset) };
  });
}

/** A slice of a vector, cut where the vector is: what goes to another device is the slice alone. */
export function cutSlice(graph: GraphBuilder, vector: Tensor, { offset, length }: VectorSlice): Tensor {
  return slice(graph, vector, [offset], [length]);
}

/** On each device the whole vector, of which each has a slice. With n devices each sends its slice n - 1 times. */
export function handRound(graph: GraphBuilder, placement: Placement, slices: readonly Tensor[]): readonly Tensor[] {
  const [first] = slices;
  if (first && slices.length === 1) return [first];
  return emitOnEach(graph, placement, () => concatenate(graph, slices, 'float32'));
}
