import { fileURLToPath } from 'node:url';
import { runForJson } from '../../../apps/cli/src/local-stack/run-for-json.js';
import { judged, type CheckPart } from '../check-part.js';
import { claimTarget } from '../target.js';
import { xlaReportSchema } from '../xla/xla-report.js';

/** XLA fuses operations and rounds less often in bfloat16: no bits are promised, but the loss is. */
const ALLOWED_LOSS = 0.02;

/** The training step marked for XLA by the attributes of its nodes against the plain one. Judges that both train alike. */
export const xla: CheckPart = {
  name: 'xla',
  title: 'images per second with XLA by node attributes against none',
  limitSeconds: 100,
  run: async ({ target, sizes, runs }, signal) => {
    await runs.close();
    const entry = fileURLToPath(new URL('../xla/xla-process.js', import.meta.url));
    const device = await claimTarget(target);
    const child = { command: process.execPath, args: [entry, JSON.stringify(sizes.xla)], env: device.env, signal };
    const report = await runForJson(child, xlaReportSchema).finally(() => device.release());
    const { imagesPerSecond, firstLoss, compileSeconds } = report;
    const ratio = imagesPerSecond.compiled / imagesPerSecond.plain;
    const isAlike = Math.abs(firstLoss.compiled - firstLoss.plain) <= ALLOWED_LOSS * Math.abs(firstLoss.plain);
    const { network, batch, precision } = sizes.xla;
    return judged(
      isAlike ? [] : [`the first loss is ${firstLoss.compiled} with XLA, ${firstLoss.plain} without`],
      `${network}, batch ${batch}, ${precision}: ${imagesPerSecond.compiled.toFixed(0)} images/s with XLA, ${imagesPerSecond.plain.toFixed(0)} without, ratio ${ratio.toFixed(2)}; first step ${compileSeconds.toFixed(1)} s`,
      { ...report, ratio },
    );
  },
};
