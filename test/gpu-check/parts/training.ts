import { judged, type CheckPart } from '../check-part.js';
import { isWhole } from '../../support/training-stack.js';

/** A short run through the real stack computes on the device that was asked for and counts every sample once. */
export const training: CheckPart = {
  name: 'training',
  title: 'a run through coordinator, Redis, parameter servers and a worker on the device',
  limitSeconds: 150,
  run: async ({ runs, sizes }) => {
    const { view, steps, workers } = await runs.whole();
    const devices = workers.map(({ device }) => device);
    const loss = steps.at(-1)?.loss ?? Number.NaN;
    const faults = [
      ...(workers.length === 1 ? [] : [`${workers.length} workers report themselves, expected 1`]),
      ...(steps.length === sizes.wholeSteps ? [] : [`${steps.length} steps, expected ${sizes.wholeSteps}`]),
      ...(isWhole(view) ? [] : [`the ledger is not whole: ${JSON.stringify(view.ledger)}`]),
      ...(Number.isFinite(loss) ? [] : [`the last loss is ${loss}`]),
    ];
    const { fingerprint, weightsSha256 } = view;
    const data = { devices, fingerprint, steps: steps.length, loss, weightsSha256 };
    return judged(faults, `${steps.length} steps on ${devices.join(', ')}, last loss ${loss.toFixed(3)}`, data);
  },
};
