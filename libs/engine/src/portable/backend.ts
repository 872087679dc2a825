import * as tf from '@tensorflow/tfjs';
import { RefusedInputError } from '#contracts';

/** `cpu`: plain JavaScript. `tensorflow`: the native binding, which must have been loaded before. */
export type PortableBackend = 'cpu' | 'tensorflow';

/** Throws RefusedInputError where the backend is not registered. */
export function checkBackend(backend: PortableBackend): void {
  // Otherwise TensorFlow.js prints an advertisement and checks shapes twice.
  tf.enableProdMode();
  if (tf.findBackendFactory(backend) === null) {
    throw new RefusedInputError(
      `TensorFlow.js has no backend ${backend} here: load the TensorFlow runtime, or use cpu`,
    );
  }
}

/**
 * Runs a computation on a backend and disposes every tensor it made; the backend of the thread is a global of
 * TensorFlow.js, so the one before is put back. Returns host values only.
 */
export function runOn<T extends Float32Array | readonly (number | Float32Array)[]>(
  backend: PortableBackend,
  compute: () => T,
): T {
  const before = tf.engine().backendName;
  select(backend);
  const engine = tf.engine();
  engine.startScope();
  try {
    return compute();
  } finally {
    engine.endScope();
    if (before && before !== backend) select(before);
  }
}

/** Both backends are made synchronously, so the promise has done its work when it is returned. */
function select(backend: string): void {
  if (tf.engine().backendName !== backend) void tf.setBackend(backend);
}
