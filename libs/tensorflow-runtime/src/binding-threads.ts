import { isMainThread } from 'node:worker_threads';

/** How many threads TensorFlow may use; read by its library when the process loads it, and never again. */
export interface ThreadCounts {
  /**
   * Threads inside one operation. Keep it at 1 on a CPU: another number gives other bits of a gradient. Default 1.
   */
  readonly insideOperations?: number;
  /**
   * Operations at once, one pool for all sessions of the process: the lanes that an engine drives side by side, or the number
   * of engine threads. With fewer, lanes run one after the other. Default 1.
   */
  readonly engines?: number;
}

/**
 * Sets the environment that TensorFlow and oneDNN read when they are loaded. Call it in the main thread before any
 * thread loads the binding; a worker thread is refused, because its `process.env` is a copy the library never sees.
 *
 * `process.env` is written because the native library has no other setting that reaches a SavedModel session.
 */
export function configureThreads({ insideOperations = 1, engines = 1 }: ThreadCounts = {}): void {
  if (!isMainThread) throw new Error('configureThreads has no effect in a worker thread: call it in the main thread');
  const settings = {
    TF_NUM_INTRAOP_THREADS: insideOperations,
    TF_NUM_INTEROP_THREADS: engines,
    OMP_NUM_THREADS: insideOperations,
  };
  for (const [name, value] of Object.entries(settings)) process.env[name] = String(value);
  // By itself TensorFlow uses oneDNN only where a CPU has VNNI or AMX. On one with AVX2 alone ResNet-20 steps 1.7 times as
  // fast with it, and its sums are more exact; set to 0 by hand it stays off.
  process.env['TF_ENABLE_ONEDNN_OPTS'] ??= '1';
  // Errors only: TensorFlow's notes go to stderr, and its warnings repeat what the thrown error says.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
}
