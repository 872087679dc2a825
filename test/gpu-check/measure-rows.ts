import { probeTensorflow } from '#tensorflow-runtime';
import { compareInTurn, type Comparison, type Row } from '../../apps/cli/src/commands/bench/compare-in-turn.js';
import type { BenchContext } from '../../apps/cli/src/commands/bench/bench-group.js';
import { judged, skipped, type CheckContext, type Finding } from './check-part.js';
import { claimTarget } from './target.js';

export type RowContext = Pick<BenchContext, 'peer' | 'device' | 'signal'>;

export interface MeasureOptions {
  /** Of the part; no round begins that would end later. */
  readonly limitSeconds: number;
  readonly rounds: number;
  /** What Python modules the peer needs besides torch; null: there is no peer to compare with. */
  readonly peerModules: readonly string[] | null;
  readonly signal: AbortSignal;
}

/** What the start and the end of a part take. */
const SPARE_SECONDS = 20;

/**
 * Measures rows on the device that is checked, and says their figures; skipped, with our figures, where the peer is
 * missing. Judges nothing but that TensorFlow computes on the device.
 */
export async function measureRows(
  { target, runs, findPeer, note }: CheckContext,
  { limitSeconds, rounds, peerModules, signal }: MeasureOptions,
  rowsOf: (context: RowContext) => readonly Row[],
): Promise<Finding> {
  // A worker that is still there has memory of the device and time of the cores.
  await runs.close();
  const peer = peerModules === null ? null : await findPeer(...peerModules);
  const device = await claimTarget(target);
  let comparisons: readonly Comparison[];
  try {
    const probe = await probeTensorflow(device.env);
    if (typeof probe === 'string') return judged([probe], '');
    // What is sized for a GPU takes hours on a CPU.
    if (probe.usesGpu !== (target.kind === 'gpu'))
      return judged([`TensorFlow does not compute on ${target.description}`], '');
    const rows = rowsOf({ peer: typeof peer === 'string' ? null : peer, device, signal });
    comparisons = await compareInTurn(rows, {
      rounds: typeof peer === 'string' ? 1 : rounds,
      limitMs: (limitSeconds - SPARE_SECONDS) * 1000,
      note,
    });
  } finally {
    await device.release();
  }
  const said = comparisons.map(saidOf).join('; ');
  const data = { comparisons };
  return typeof peer === 'string' ? skipped(`${peer}. ${said}`, data) : judged([], said, data);
}

function saidOf({ title, value, unit, peers }: Comparison): string {
  const against = peers.map((each) => `${each.name} ${each.value.toFixed(0)}, ratio ${each.ratio.toFixed(2)}`);
  return [`${title}: ${value.toFixed(0)} ${unit}`, ...against].join(', ');
}
