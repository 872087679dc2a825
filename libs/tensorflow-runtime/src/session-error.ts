/** TensorFlow refused to load or run a graph. The message keeps TensorFlow's own status text. */
export class TensorFlowError extends Error {
  override readonly name = 'TensorFlowError';
}
