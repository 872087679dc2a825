import type { RunView } from '#contracts';
import { isWhole, type TrainingStack } from '../support/training-stack.js';
import { elasticRun, type Numerals } from './undisturbed.js';

export interface CellResult extends Numerals {
  readonly parameterServers: number;
  /** Workers at work one after the other, and at which step they all were. */
  readonly stages: readonly { readonly workers: number; readonly step: number }[];
  readonly seconds: number;
  readonly isPassed: boolean;
  /** What did not hold; empty where all did. */
  readonly faults: readonly string[];
}

export interface Cell extends Numerals {
  readonly parameterServers: number;
  readonly schedule: readonly number[];
  readonly epochs: number;
  readonly timeoutMs: number;
  /** One worker alone. */
  readonly expected: RunView;
}

/** Steps that each number of workers does together before the next change. */
const STEPS_TOGETHER = 3;

/** A run during which the number of workers follows the schedule. Never rejects; the workers stay. */
export async function playSchedule(world: TrainingStack, cell: Cell): Promise<CellResult> {
  const { precision, wire, parameterServers } = cell;
  const began = performance.now();
  const stages: { workers: number; step: number }[] = [];
  const faults: string[] = [];
  try {
    await resize(world, cell.schedule[0] ?? 1);
    const id = await world.submit(elasticRun(world, cell, cell.epochs));
    for (const workers of cell.schedule) {
      await resize(world, workers);
      const at = await world.until(id, `${workers} workers`, (view) => numAtWork(view) === workers, cell.timeoutMs);
      stages.push({ workers, step: at.progress.step });
      await world.until(id, 'some steps', ({ progress }) => progress.step >= at.progress.step + STEPS_TOGETHER);
    }
    faults.push(...faultsOf(await world.finished(id, cell.timeoutMs), cell.expected));
  } catch (error) {
    faults.push(error instanceof Error ? error.message : String(error));
  }
  const seconds = Math.round((performance.now() - began) / 1_000);
  return { precision, wire, parameterServers, stages, seconds, isPassed: faults.length === 0, faults };
}

/** Starts or stops processes; the run goes on meanwhile. */
async function resize(world: TrainingStack, count: number): Promise<void> {
  const workers = world.stack.workers();
  await Promise.all(workers.slice(count).map(({ name }) => world.stack.removeWorker(name)));
  for (let index = workers.length; index < count; index += 1) await world.stack.addWorker();
}

/** Workers that drive a lane; null where a lane has none. */
function numAtWork({ lanes }: RunView): number | null {
  const drivers = new Set(lanes.map(({ workerId }) => workerId));
  return drivers.has(null) ? null : drivers.size;
}

function faultsOf(view: RunView, expected: RunView): string[] {
  const differing = view.ledger.find(({ chain }, epoch) => chain !== expected.ledger[epoch]?.chain);
  return [
    ...(view.weightsSha256 === expected.weightsSha256 ? [] : ['other weights than one worker alone']),
    ...(differing === undefined ? [] : [`other steps than one worker alone in epoch ${differing.epoch}`]),
    ...(isWhole(view) ? [] : [`the ledger is not whole: ${JSON.stringify(view.ledger)}`]),
    ...(view.incarnation === 1 ? [] : [`begun anew from disk ${view.incarnation - 1} times`]),
  ];
}
