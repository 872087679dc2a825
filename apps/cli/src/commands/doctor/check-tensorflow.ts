import { inspectTensorflow, type DeviceWish } from '#tensorflow-runtime';
import { checkGpus } from './check-gpus.js';
import type { Finding } from './finding.js';

const SUBJECT = 'TensorFlow';

/** Whether the native binding is there, is the one that was put there, and loads; and on what it computes. */
export async function checkTensorflow(wish: DeviceWish): Promise<readonly Finding[]> {
  const found = await inspectTensorflow();
  if (found.kind === 'missing') {
    const advice =
      'run `skiplane provision` to see why; without it training uses the portable engine, many times slower';
    return [{ subject: SUBJECT, status: 'warn', detail: found.reason, advice }, ...(await checkGpus(wish, false))];
  }
  const detail = `${found.version}, ${found.description}`;
  if (found.faults.length > 0) {
    const advice = `remove ${found.entry} and run \`skiplane provision\``;
    const broken = {
      subject: SUBJECT,
      status: 'fail',
      detail: `${detail}: ${found.faults.join('; ')}`,
      advice,
    } as const;
    return [broken, ...(await checkGpus(wish, false))];
  }
  return [{ subject: SUBJECT, status: 'ok', detail }, ...(await checkGpus(wish, found.usesGpu))];
}
