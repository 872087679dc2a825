import type { Comparison } from '../../../apps/cli/src/commands/bench/compare-in-turn.js';
import { compareStep } from '../../../apps/cli/src/commands/bench/compare-steps.js';
import { judged, skipped, type CheckPart } from '../check-part.js';
import { probeTensorflow } from '#tensorflow-runtime';
import { claimTarget } from '../target.js';

/** No round begins when so little time is left. */
const ROUND_SECONDS = 70;
const LIMIT_SECONDS = 230;

/** Images per second of the training step and of PyTorch's, in turn on the same device. Says the ratio, judges nothing. */
export const speed: CheckPart = {
  name: 'speed',
  title: 'images per second of the training step against PyTorch, in turn',
  limitSeconds: LIMIT_SECONDS,
  run: async ({ target, sizes, runs, findPeer, note }, signal) => {
    // A worker that is still there has memory of the device and time of the cores.
    await runs.close();
    const lastRoundBefore = Date.now() + (LIMIT_SECONDS - ROUND_SECONDS) * 1000;
    const peer = await findPeer();
    const device = await claimTarget(target);
    const comparisons: Comparison[] = [];
    try {
      const probe = await probeTensorflow(device.env);
      if (typeof probe === 'string') return judged([probe], '');
      // What is sized for a GPU takes hours on a CPU.
      if (probe.usesGpu !== (target.kind === 'gpu'))
        return judged([`TensorFlow does not compute on ${target.description}`], '');
      for (const step of sizes.steps) {
        const options = { rounds: typeof peer === 'string' ? 1 : sizes.rounds, device, lastRoundBefore, note, signal };
        const title = `${step.model}, batch ${step.batch}, fp32`;
        comparisons.push(await compareStep(title, step, { ...options, peer: typeof peer === 'string' ? null : peer }));
      }
    } finally {
      await device.release();
    }
    const said = comparisons.map(({ title, imagesPerSecond, peers }) => {
      const against = peers.map(
        ({ imagesPerSecond: theirs, ratio }) => `PyTorch ${theirs.toFixed(0)}, ratio ${ratio.toFixed(2)}`,
      );
      return [`${title}: ${imagesPerSecond.toFixed(0)} images/s`, ...against].join(', ');
    });
    const data = { comparisons };
    return typeof peer === 'string' ? skipped(`${peer}. ${said.join('; ')}`, data) : judged([], said.join('; '), data);
  },
};
