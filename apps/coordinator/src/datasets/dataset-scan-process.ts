/**
 * Looks at data sets in a process of its own: millions of files on a slow disk keep neither the coordinator's event loop nor
 * its disk threads from their work, and the memory that takes is given back.
 */
import { KeptDatasets } from '#dataset';
import { encodeError } from '#threads';
import { inspectGiven } from './inspect-given.js';
import type { ScanOrder, ScanReply, ScanTask } from './scan-messages.js';

/** With nothing to do it ends; the next order starts another, which takes half a second. */
const IDLE_MS = 600_000;
const PROGRESS_EVERY_MS = 250;

/** By their folder. */
const keptDatasets = new Map<string, KeptDatasets>();
/** By their numbers. */
const underWay = new Map<number, AbortController>();
let idling = idle();

process.on('message', (order: ScanOrder) => {
  if (order.kind === 'cancel') {
    underWay.get(order.id)?.abort();
    return;
  }
  clearTimeout(idling);
  const stop = new AbortController();
  underWay.set(order.id, stop);
  void scan(order, stop.signal).finally(() => {
    underWay.delete(order.id);
    if (underWay.size === 0) idling = idle();
  });
});
process.on('disconnect', () => process.exit());

function idle(): NodeJS.Timeout {
  return setTimeout(() => process.exit(), IDLE_MS);
}

function reply(message: ScanReply): void {
  process.send?.(message);
}

async function scan({ id, spec, keptFolder, stores }: ScanTask, signal: AbortSignal): Promise<void> {
  let toldAt = Number.NEGATIVE_INFINITY;
  let numBefore = 0;
  let split = 'train';
  let numOfSplit = 0;
  const kept = keptDatasets.get(keptFolder) ?? new KeptDatasets({ folder: keptFolder });
  keptDatasets.set(keptFolder, kept);
  try {
    const dataset = await inspectGiven(kept, spec, {
      stores,
      signal,
      onProgress: (progress) => {
        if (progress.split !== split) numBefore += numOfSplit;
        split = progress.split;
        numOfSplit = progress.numSamples;
        if (performance.now() - toldAt < PROGRESS_EVERY_MS) return;
        toldAt = performance.now();
        reply({ id, kind: 'progress', numSamples: numBefore + numOfSplit });
      },
    });
    reply({ id, kind: 'done', dataset });
  } catch (error) {
    reply({ id, kind: 'failed', error: encodeError(error) });
  }
}
