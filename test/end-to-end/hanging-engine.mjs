/**
 * Loaded before everything else (`NODE_OPTIONS=--import`) in one worker: once the file named by HANG_FILE is there, its
 * engine threads block for ever in the middle of a request, as a native call can, while its control thread goes on.
 */
import { existsSync } from 'node:fs';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';

const { HANG_FILE: file, HANG_WORKER: victim, SKIPLANE_WORKER_ID: workerId } = process.env;

if (!isMainThread && parentPort && workerData?.config !== undefined && file && workerId === victim) {
  const on = parentPort.on.bind(parentPort);
  const forEver = new Int32Array(new SharedArrayBuffer(4));
  parentPort.on = (event, listener) =>
    on(event, (...values) => {
      if (event === 'message' && existsSync(file)) Atomics.wait(forEver, 0, 0);
      listener(...values);
    });
}
