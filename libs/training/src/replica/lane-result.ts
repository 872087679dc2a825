/** What a lane gives to a round. */
export interface LaneResult {
  readonly vector: Float32Array<ArrayBuffer>;
  /** Milliseconds spent waiting for the batch. */
  readonly dataMs: number;
}
