import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { judged, type CheckPart } from '../check-part.js';
import { strayed } from '../operations/expected-placement.js';
import { operationsReportSchema, type OperationsReport } from '../operations/operations-report.js';
import { PlacementTable } from '../operations/placement-table.js';
import { claimTarget, type Target } from '../target.js';
import type { Sizes } from '../sizes.js';

/** Every signature of the engine runs once under TF_DETERMINISTIC_OPS; which operation TensorFlow placed where. */
export const operations: CheckPart = {
  name: 'operations',
  title: 'every signature of the engine runs on the device, deterministic operations only',
  limitSeconds: 120,
  run: async ({ target, sizes }, signal) => {
    const { report, placements } = await runSignatures(target, sizes, signal);
    const refused = report.signatures.filter(({ error }) => error !== null);
    const table = placements.rows();
    const onDevice = table.filter(({ devices }) => devices.includes(target.kind));
    const lost = target.kind === 'gpu' && onDevice.length > 0 ? strayed(table) : [];
    const elsewhere = table.filter(({ devices }) => devices.some((device) => device !== target.kind));
    const faults = [
      ...(report.usesGpu === (target.kind === 'gpu')
        ? []
        : [`TensorFlow ${report.usesGpu ? 'sees a' : 'sees no'} GPU`]),
      ...(onDevice.length > 0 ? [] : [`no operation is placed on the ${target.kind}`]),
      ...(lost.length === 0 ? [] : [`not on the GPU, though they have kernels there: ${lost.join(', ')}`]),
      ...refused.map(({ graph, signature, error }) => `${graph}, ${signature}: ${error}`),
    ];
    const others =
      elsewhere.length === 0 ? '' : `, not there: ${elsewhere.map(({ operation }) => operation).join(', ')}`;
    const detail = `${report.signatures.length} signatures of ${report.numGraphs} graphs, ${onDevice.length} kinds of operations on the ${target.kind}${others}`;
    return judged(faults, detail, { tensorflow: report.tensorflow, refused, operations: table });
  },
};

/** In a process of its own, for the environment has to be set before TensorFlow loads. */
async function runSignatures(
  target: Target,
  { networks }: Sizes,
  signal: AbortSignal,
): Promise<{ readonly report: OperationsReport; readonly placements: PlacementTable }> {
  const entry = fileURLToPath(new URL('../operations/signatures-process.js', import.meta.url));
  const device = await claimTarget(target);
  const child = spawn(process.execPath, [entry, networks], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // The placer tells at level 1 where each operation goes; nothing below level 0 of the log would be said.
    env: { ...process.env, ...device.env, TF_CPP_MIN_LOG_LEVEL: '0', TF_CPP_VMODULE: 'placer=1' },
    signal,
  });
  const placements = new PlacementTable();
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  createInterface({ input: child.stderr }).on('line', (line) => placements.read(line));
  const code = await ended.finally(() => device.release());
  const line = output.trim().split('\n').at(-1) ?? '';
  if (!line.startsWith('{')) throw new Error(`the process ended with code ${code}: ${placements.lastWords()}`);
  return { report: operationsReportSchema.parse(JSON.parse(line)), placements };
}
