/**
 * Sets TensorFlow's threads for every test process, as `configureThreads` does for the programs. A test cannot do it for
 * itself: inside Jest `process.env` is a copy, which the native library does not see.
 */
export default function setTensorFlowThreads() {
  process.env.TF_NUM_INTRAOP_THREADS = '1';
  process.env.TF_NUM_INTEROP_THREADS = '2';
  process.env.OMP_NUM_THREADS = '1';
  process.env.TF_ENABLE_ONEDNN_OPTS ??= '1';
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
}
