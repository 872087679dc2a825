/** Opens a data set by its index, as a worker does, and says what that took: a process of its own, so that memory is its own. */
import { readFileSync } from 'node:fs';
import { datasetSchema } from '#contracts';
import { epochOrder, openKnownDataset } from '#dataset';

/** What a worker's process goes through before its first step. */
export interface OpenMeasurement {
  readonly openMs: number;
  /** What the process grew by, at most. */
  readonly openMb: number;
  readonly orderMs: number;
  readonly firstBatchMs: number;
}

const BATCH = 256;

const [kind, path, digest = '', folder = ''] = process.argv.slice(2);
const spec = datasetSchema.parse({ kind, path });
const take = (): never => {
  throw new Error('the index is not kept');
};
const before = peakMb();
let begun = performance.now();
const lap = (): number => {
  const now = performance.now();
  const ms = now - begun;
  begun = now;
  return ms;
};
const { train } = await openKnownDataset(spec, { digest, indexes: { folder, take } });
const openMs = lap();
const openMb = peakMb() - before;
const order = epochOrder(1, 0, train.length);
const orderMs = lap();
await Promise.all([...order.subarray(0, BATCH)].map((sample) => train.read(sample)));
const measurement: OpenMeasurement = { openMs, openMb, orderMs, firstBatchMs: lap() };
console.log(JSON.stringify(measurement));

function peakMb(): number {
  return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
}
