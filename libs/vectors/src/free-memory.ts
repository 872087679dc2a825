import { MessageChannel } from 'node:worker_threads';
import { giveBack } from './lent-memory.js';

/** What is transferred to a closed port goes nowhere, from the first turns of the event loop on. */
const { port1: nowhere, port2: closed } = new MessageChannel();
closed.close();
nowhere.unref();

/**
 * Gives an array's memory back at once; the array is empty from now on. Memory of a `LentMemory` is lent again, so it is
 * freed once and not used afterwards. What else shares its buffer with others, or is a native library's, is left as it is.
 *
 * For the large arrays that come and go with every step. The garbage collector counts their bytes like small objects',
 * and with a few megabytes a step marked the whole heap twice a second: on two cores it took from the engines some 3 % of
 * their time.
 */
export function freeMemory({ buffer, byteOffset, byteLength }: Uint8Array | Int32Array | Float32Array): void {
  if (buffer instanceof SharedArrayBuffer) return giveBack(buffer, byteOffset);
  if (byteLength === 0 || byteLength < buffer.byteLength) return;
  try {
    nowhere.postMessage(null, [buffer]);
  } catch {
    // Memory of a native library cannot move; the garbage collector gives it back.
  }
}
