import { judged, type CheckPart } from '../check-part.js';
import { runOnTarget } from '../run-on-target.js';
import { xlaReportSchema } from '../xla/xla-report.js';

/** XLA fuses operations and rounds less often in bfloat16: no bits are promised, but the loss is. */
const ALLOWED_LOSS = 0.02;

/** The training step marked for XLA by the attributes of its nodes against the plain one. Judges that both train alike. */
export const xla: CheckPart = {
  name: 'xla',
  title: 'images per second with XLA by node attributes against none',
  limitSeconds: 100,
  run: async ({ sizes, ...context }, signal) => {
    const entry = new URL('../xla/xla-process.js', import.meta.url);
    const report = await runOnTarget(context, { entry, argument: sizes.xla, signal }, xlaReportSchema);
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
