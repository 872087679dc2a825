/** What a replica of a network holds, flat, in VectorLayout order; momentum of the trained parameters alone. */
export interface NetworkState {
  readonly parameters: Float32Array<ArrayBuffer>;
  readonly momentum: Float32Array<ArrayBuffer>;
  readonly statistics: Float32Array<ArrayBuffer>;
}
