import { stepRow } from '../../../apps/cli/src/commands/bench/compare-steps.js';
import type { CheckPart } from '../check-part.js';
import { measureRows } from '../measure-rows.js';

const LIMIT_SECONDS = 180;

/** Images per second of the training step and of PyTorch's, in turn on the same device. Says the ratio, judges nothing. */
export const speed: CheckPart = {
  name: 'speed',
  title: 'images per second of the training step in fp32 and bf16 against PyTorch, in turn',
  limitSeconds: LIMIT_SECONDS,
  run: async (context, signal) => {
    const { steps, rounds } = context.sizes;
    return await measureRows(context, { limitSeconds: LIMIT_SECONDS, rounds, peerModules: [], signal }, (given) =>
      steps.map((step) => stepRow(`${step.model}, batch ${step.batch}, ${step.precision}`, step, given)),
    );
  },
};
