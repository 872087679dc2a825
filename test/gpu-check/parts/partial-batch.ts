import { readFile } from 'node:fs/promises';
import { isWhole } from '../../support/training-stack.js';
import { judged, type CheckPart } from '../check-part.js';

/**
 * The first batch of another size makes TensorFlow and the device's libraries plan anew, and comes when a worker has
 * learnt from ten fast steps what an answer takes: it must not be taken for hung.
 */
export const partialBatch: CheckPart = {
  name: 'partial-batch',
  title: 'the first partial batch is trained on and not taken for a hang',
  limitSeconds: 120,
  run: async ({ runs, sizes }) => {
    const { view, steps, restarts } = await runs.partial();
    const whole = sizes.lanes * sizes.laneBatchSize;
    const expected = [...Array.from({ length: sizes.wholeSteps }, () => whole), sizes.partialSamples];
    const samples = steps.map((step) => step.samples);
    const isAsExpected = samples.every((count, index) => count === expected[index % expected.length]);
    const processes = (await runs.world())?.stack.workers() ?? [];
    const logs = await Promise.all(processes.map(({ logFile }) => readFile(logFile, 'utf8')));
    const hangs = logs.flatMap((log) => log.split('\n').filter((line) => line.includes('thread hangs')));
    const faults = [
      ...(hangs.length === 0 ? [] : [`a hang was detected: ${hangs[0]?.slice(0, 300)}`]),
      ...(restarts === 0 ? [] : [`the worker was started again ${restarts} times`]),
      ...(view.incarnation === 1 ? [] : [`the run was begun anew from disk ${view.incarnation - 1} times`]),
      ...(isAsExpected && steps.length === expected.length * sizes.epochs ? [] : [`steps of ${samples.join(', ')}`]),
      ...(isWhole(view) ? [] : [`the ledger is not whole: ${JSON.stringify(view.ledger)}`]),
    ];
    const detail = `${sizes.epochs} epochs of ${sizes.wholeSteps} batches of ${whole} and one of ${sizes.partialSamples}`;
    return judged(faults, detail, { steps: steps.length, partialSamples: sizes.partialSamples, restarts });
  },
};
