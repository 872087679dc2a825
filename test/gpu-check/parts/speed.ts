import { compareInTurn, type Comparison } from '../../../apps/cli/src/commands/bench/compare-in-turn.js';
import { stepRow } from '../../../apps/cli/src/commands/bench/compare-steps.js';
import { judged, skipped, type CheckPart } from '../check-part.js';
import { probeTensorflow } from '#tensorflow-runtime';
import { claimTarget } from '../target.js';

const LIMIT_SECONDS = 230;
/** What the start and the end of the part take. */
const SPARE_SECONDS = 20;

/** Images per second of the training step and of PyTorch's, in turn on the same device. Says the ratio, judges nothing. */
export const speed: CheckPart = {
  name: 'speed',
  title: 'images per second of the training step against PyTorch, in turn',
  limitSeconds: LIMIT_SECONDS,
  run: async ({ target, sizes, runs, findPeer, note }, signal) => {
    // A worker that is still there has memory of the device and time of the cores.
    await runs.close();
    const peer = await findPeer();
    const device = await claimTarget(target);
    let comparisons: readonly Comparison[];
    try {
      const probe = await probeTensorflow(device.env);
      if (typeof probe === 'string') return judged([probe], '');
      // What is sized for a GPU takes hours on a CPU.
      if (probe.usesGpu !== (target.kind === 'gpu'))
        return judged([`TensorFlow does not compute on ${target.description}`], '');
      const context = { peer: typeof peer === 'string' ? null : peer, device, note, signal };
      const rows = sizes.steps.map((step) =>
        stepRow(`${step.model}, batch ${step.batch}, ${step.precision}`, step, context),
      );
      const rounds = typeof peer === 'string' ? 1 : sizes.rounds;
      comparisons = await compareInTurn(rows, { rounds, limitMs: (LIMIT_SECONDS - SPARE_SECONDS) * 1000, note });
    } finally {
      await device.release();
    }
    const said = comparisons.map(({ title, value, peers }) => {
      const against = peers.map((each) => `PyTorch ${each.value.toFixed(0)}, ratio ${each.ratio.toFixed(2)}`);
      return [`${title}: ${value.toFixed(0)} images/s`, ...against].join(', ');
    });
    const data = { comparisons };
    return typeof peer === 'string' ? skipped(`${peer}. ${said.join('; ')}`, data) : judged([], said.join('; '), data);
  },
};
