/** Entry of `npm run gpu-check`: what the tests check on a CPU, on a GPU, in one command of less than eight minutes. */
import { RefusedInputError } from '#contracts';
import { findPeer } from './find-peer.js';
import { readGpuCheckOptions, type GpuCheckOptions } from './options.js';
import { PARTS } from './parts.js';
import { makeReport, reportText } from './report-text.js';
import { runParts } from './run-parts.js';
import { sizesFor } from './sizes.js';
import { findTarget } from './target.js';
import { TrainingRuns } from './training-runs.js';

/** With the start before it and the stop after it, under eight minutes. */
const LIMIT_SECONDS = 450;
const INTERRUPTED = 130;

const note = (line: string): void => console.error(line);

async function check(options: GpuCheckOptions, signal: AbortSignal): Promise<number> {
  const target = await findTarget(options.device, process.env['CUDA_VISIBLE_DEVICES']);
  const sizes = sizesFor(target, options.small);
  const runs = new TrainingRuns(target, sizes, note);
  const context = {
    target,
    sizes,
    runs,
    note,
    findPeer: (...modules: readonly string[]) => findPeer(options.peer, target, modules),
  };
  try {
    const parts = PARTS.filter(({ name }) => options.only.includes(name));
    const onAbandoned = (reason: string): void => void runs.abandon(reason);
    const results = await runParts(parts, context, { limitSeconds: LIMIT_SECONDS, signal, onAbandoned });
    const report = makeReport(target, results);
    if (options.json) console.error(reportText(report));
    console.log(options.json ? JSON.stringify(report) : reportText(report));
    return signal.aborted ? INTERRUPTED : Number(report.failed > 0);
  } finally {
    await runs.close();
  }
}

async function main(options: GpuCheckOptions): Promise<number> {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  if (options.pack === undefined) return await check(options, stop.signal);
  const { pack } = await import('./offline/pack.js');
  await pack({ folder: options.pack, cuda: options.cuda, note, signal: stop.signal });
  return 0;
}

const options = readGpuCheckOptions(process.argv.slice(2));
if (options !== null) {
  const code = await main(options).catch((error: unknown) => {
    if (!(error instanceof RefusedInputError)) throw error;
    console.error(
      [`gpu-check: ${error.message}`, ...error.faults.map(({ path, message }) => `  ${path}: ${message}`)].join('\n'),
    );
    return 2;
  });
  // What was given up may still be waiting for an answer.
  process.exit(code);
}
