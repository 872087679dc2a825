/** Entry of a short-lived thread that loads TensorFlow to see what it is, so that the control thread never does. */
import { parentPort } from 'node:worker_threads';
import { loadBinding } from '#tensorflow-runtime';

export type ProbeReply =
  | { readonly ok: true; readonly version: string; readonly isGpu: boolean }
  | { readonly ok: false; readonly message: string };

function probe(): ProbeReply {
  try {
    const binding = loadBinding();
    return { ok: true, version: binding.TF_Version, isGpu: binding.isUsingGpuDevice() };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
    return { ok: false, message: `${error instanceof Error ? error.message : String(error)}${cause}` };
  }
}

parentPort?.postMessage(probe());
