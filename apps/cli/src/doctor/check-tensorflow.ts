import { inspectTensorflow, listGpus } from '#tensorflow-runtime';
import type { Finding } from './finding.js';

const SUBJECT = 'TensorFlow';

/** Whether the native binding is there, is the one that was put there, and loads; and on what it computes. */
export async function checkTensorflow(): Promise<readonly Finding[]> {
  const gpus = await listGpus();
  const found = await inspectTensorflow();
  if (found.kind === 'missing') {
    const advice =
      'run `skiplane provision` to see why; without it training uses the portable engine, many times slower';
    return [{ subject: SUBJECT, status: 'warn', detail: found.reason, advice }, gpuFinding(gpus, false)];
  }
  const detail = `${found.version}, ${found.description}`;
  if (found.faults.length > 0) {
    const advice = `remove ${found.entry} and run \`skiplane provision\``;
    return [{ subject: SUBJECT, status: 'fail', detail: `${detail}: ${found.faults.join('; ')}`, advice }];
  }
  return [{ subject: SUBJECT, status: 'ok', detail }, gpuFinding(gpus, found.usesGpu)];
}

function gpuFinding(gpus: readonly string[], isUsed: boolean): Finding {
  const subject = 'GPU';
  if (gpus.length === 0)
    return { subject, status: 'ok', detail: 'none (nvidia-smi shows no GPU); training uses the CPU' };
  const detail = `${gpus.length}: ${gpus.join(', ')}`;
  if (isUsed) return { subject, status: 'ok', detail };
  const advice =
    'TensorFlow does not see it: run `skiplane provision`, and look at the NVIDIA driver (CUDA 12.5 or newer)';
  return { subject, status: 'warn', detail, advice };
}
