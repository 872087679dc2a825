import { z } from 'zod';
import type { ScanContext, Split } from '../dataset.js';
import { mapBounded } from '../map-bounded.js';
import { UnitRecorder, unitScanSchema, type UnitScan } from './unit-scan.js';

/** A part of a data set that is looked at by itself: a shard, a tar in a tar, some lines of a table. */
export interface Unit {
  /** By which its note is found again; unlike that of every other unit. */
  readonly name: string;
  /** Null where a sample itself says it, or nothing does. */
  readonly split: Split | null;
  /** What the note holds for: another size or version, another look. */
  readonly stamp: string;
  /** Whether what an earlier look found still holds, where the stamp cannot tell. */
  readonly isCurrent?: (scan: UnitScan) => Promise<boolean>;
  /** Looks at it. `onSample` is called for every sample, sound or not. */
  readonly scan: (recorder: UnitRecorder, onSample: () => void) => Promise<void>;
}

const PROGRESS_EVERY = 1000;

const noteSchema = z.strictObject({ stamp: z.string(), scan: unitScanSchema });

/**
 * Looks at units, some at once, and gives what was found in their order. What an earlier survey noted of a unit is taken
 * where its stamp is the same.
 */
export async function scanUnits(units: readonly Unit[], context: ScanContext): Promise<readonly UnitScan[]> {
  const { concurrency = 16, onProgress, notes, signal } = context;
  const counts: Record<Split, number> = { train: 0, val: 0 };
  const count = (split: Split, samples: number): void => {
    const before = counts[split];
    counts[split] += samples;
    const isDue = Math.floor(before / PROGRESS_EVERY) < Math.floor(counts[split] / PROGRESS_EVERY);
    if (isDue) onProgress?.({ split, numSamples: counts[split] });
  };
  const scans = await mapBounded(units, concurrency, async ({ name, split, stamp, isCurrent, scan }) => {
    signal?.throwIfAborted();
    const counted = split ?? 'train';
    const note = noteSchema.safeParse(await notes.read(name));
    if (note.success && note.data.stamp === stamp && (await isCurrent?.(note.data.scan)) !== false) {
      count(counted, note.data.scan.samples.files.length);
      return note.data.scan;
    }
    const recorder = new UnitRecorder();
    await scan(recorder, () => {
      signal?.throwIfAborted();
      count(counted, 1);
    });
    const found = recorder.result();
    await notes.write(name, { stamp, scan: found });
    return found;
  });
  for (const split of ['train', 'val'] as const) {
    if (counts[split] > 0) onProgress?.({ split, numSamples: counts[split] });
  }
  return scans;
}
