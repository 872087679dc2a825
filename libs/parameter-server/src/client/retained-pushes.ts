import { freeMemory } from '#vectors';
import type { LaneNode } from '../reduce/lane-tree.js';
import { FilledRanges } from './filled-ranges.js';

/** What is pushed. */
export interface Pushed {
  readonly round: number;
  readonly node: LaneNode;
  /** Elements at the vector's front that travel as bf16. */
  readonly numRounded: number;
}

/** A push that a worker keeps, so that a server which lost it can be told again. */
export interface RetainedPush extends Pushed {
  readonly vector: Float32Array;
  /** What of the vector is known; only pieces of it are sent. */
  readonly filled: FilledRanges;
  /** Frames being written from the vector: its memory must not be reused before they are gone. */
  numWriting: number;
  /** It was given to the links, which send what becomes known of it. */
  isSent: boolean;
}

/** Vectors whose memory may be used again: a steady state then allocates nothing. */
const MAX_SPARE_VECTORS = 2;

/**
 * The worker's pushes of the round in flight and of the last committed one, until the next commits: with them a
 * restarted, empty server is rebuilt. Released vectors become the memory of coming roots.
 */
export class RetainedPushes {
  #pushes: RetainedPush[] = [];
  #spare: Float32Array[] = [];

  /** Oldest round first. */
  get all(): readonly RetainedPush[] {
    return this.#pushes;
  }

  /** Takes the whole vector. */
  add(pushed: Pushed, vector: Float32Array): RetainedPush {
    const push = this.#kept(pushed, vector.length, () => vector);
    if (push.vector !== vector) {
      this.fill(push, 0, vector);
      this.#recycle(vector);
    }
    push.filled.add({ lo: 0, hi: vector.length });
    return push;
  }

  /** Of a vector of so many elements, of which nothing is known yet unless it was pushed before. */
  begin(pushed: Pushed, length: number): RetainedPush {
    return this.#kept(pushed, length, () => this.takeVector(length));
  }

  /** Copies a part of the vector into its place. False where it was there already, or the push is kept no more. */
  fill(push: RetainedPush, lo: number, values: Float32Array): boolean {
    const range = { lo, hi: lo + values.length };
    if (!this.#pushes.includes(push) || push.filled.covers(range)) return false;
    push.vector.set(values, lo);
    push.filled.add(range);
    return true;
  }

  /** The root of `round` is here: pushes of rounds before it cannot be needed any more. */
  committed(round: number): void {
    const released = this.#pushes.filter((push) => push.round < round);
    this.#pushes = this.#pushes.filter((push) => push.round >= round);
    for (const push of released) if (push.numWriting === 0) this.#recycle(push.vector);
  }

  /** Memory for a vector, contents undefined. */
  takeVector(length: number): Float32Array {
    const index = this.#spare.findIndex((vector) => vector.length === length);
    const [vector] = index === -1 ? [] : this.#spare.splice(index, 1);
    return vector ?? new Float32Array(length);
  }

  /** The push that is kept already, or a new one. */
  #kept({ round, node, numRounded }: Pushed, length: number, vector: () => Float32Array): RetainedPush {
    const isSame = (push: RetainedPush): boolean =>
      push.round === round && push.node.lo === node.lo && push.node.hi === node.hi && push.vector.length === length;
    const existing = this.#pushes.find(isSame);
    if (existing !== undefined) return existing;
    const push: RetainedPush = {
      round,
      node,
      numRounded,
      vector: vector(),
      filled: new FilledRanges(),
      numWriting: 0,
      isSent: false,
    };
    this.#pushes = [...this.#pushes, push].sort((a, b) => a.round - b.round);
    return push;
  }

  #recycle(vector: Float32Array): void {
    // A view of a larger buffer may share it with something else, and could not be transferred alone. Shared memory is lent as
    // a whole.
    if (vector.buffer instanceof ArrayBuffer && vector.byteLength !== vector.buffer.byteLength) return;
    if (this.#spare.length < MAX_SPARE_VECTORS) this.#spare.push(vector);
    else freeMemory(vector);
  }
}
