import { freeMemory } from '#vectors';
import type { LaneNode } from '../reduce/lane-tree.js';

/** A push that a worker keeps, so that a server which lost it can be told again. */
export interface RetainedPush {
  readonly round: number;
  readonly node: LaneNode;
  readonly vector: Float32Array<ArrayBuffer>;
  /** Elements at the vector's front that travel as bf16. */
  readonly numRounded: number;
  /** Frames being written from the vector: its memory must not be reused before they are gone. */
  numWriting: number;
}

/** Vectors whose memory may be used again: a steady state then allocates nothing. */
const MAX_SPARE_VECTORS = 2;

/**
 * The worker's pushes of the round in flight and of the last committed one, until the next commits: with them a
 * restarted, empty server is rebuilt. Released vectors become the memory of coming roots.
 */
export class RetainedPushes {
  #pushes: RetainedPush[] = [];
  #spare: Float32Array<ArrayBuffer>[] = [];

  /** Oldest round first. */
  get all(): readonly RetainedPush[] {
    return this.#pushes;
  }

  add({ round, node, vector, numRounded }: Omit<RetainedPush, 'numWriting'>): RetainedPush {
    const isSame = (push: RetainedPush): boolean =>
      push.round === round &&
      push.node.lo === node.lo &&
      push.node.hi === node.hi &&
      push.vector.length === vector.length;
    const existing = this.#pushes.find(isSame);
    if (existing !== undefined) {
      if (existing.vector !== vector) this.#recycle(vector);
      return existing;
    }
    const push: RetainedPush = { round, node, vector, numRounded, numWriting: 0 };
    this.#pushes = [...this.#pushes, push].sort((a, b) => a.round - b.round);
    return push;
  }

  /** The root of `round` is here: pushes of rounds before it cannot be needed any more. */
  committed(round: number): void {
    const released = this.#pushes.filter((push) => push.round < round);
    this.#pushes = this.#pushes.filter((push) => push.round >= round);
    for (const push of released) if (push.numWriting === 0) this.#recycle(push.vector);
  }

  /** Memory for a vector, contents undefined. */
  takeVector(length: number): Float32Array<ArrayBuffer> {
    const index = this.#spare.findIndex((vector) => vector.length === length);
    const [vector] = index === -1 ? [] : this.#spare.splice(index, 1);
    return vector ?? new Float32Array(length);
  }

  #recycle(vector: Float32Array<ArrayBuffer>): void {
    // A view of a larger buffer may share it with something else, and could not be transferred alone.
    if (vector.byteLength !== vector.buffer.byteLength) return;
    if (this.#spare.length < MAX_SPARE_VECTORS) this.#spare.push(vector);
    else freeMemory(vector);
  }
}
