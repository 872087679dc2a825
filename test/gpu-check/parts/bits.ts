import { bitsEnvironment } from '#tensorflow-runtime';
import { stepRow } from '../../../apps/cli/src/commands/bench/compare-steps.js';
import { skipped, type CheckPart } from '../check-part.js';
import { measureRows } from '../measure-rows.js';

const LIMIT_SECONDS = 90;

/** What the same bits every time cost on a GPU: the step of `bits: "exact"` against that of `"fast"`. Judges nothing. */
export const bits: CheckPart = {
  name: 'bits',
  title: 'images per second with exact bits against fast ones',
  limitSeconds: LIMIT_SECONDS,
  run: async (context, signal) => {
    const { target, sizes } = context;
    if (target.kind === 'cpu') return skipped('a CPU computes the same bits either way');
    const options = { limitSeconds: LIMIT_SECONDS, rounds: 1, peerModules: null, signal };
    return await measureRows(context, options, ({ device, ...given }) =>
      sizes.steps.map((step) => {
        const fast = { ...device, env: { ...device.env, ...bitsEnvironment('fast') } };
        const title = `${step.model}, batch ${step.batch}, ${step.precision}`;
        const row = stepRow(`${title}, exact`, step, { ...given, device });
        return { ...row, peers: [{ ...stepRow(title, step, { ...given, device: fast }).own, name: 'fast' }] };
      }),
    );
  },
};
