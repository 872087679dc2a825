import { readFile } from 'node:fs/promises';
import type { RunSpecInput, RunView } from '#contracts';
import { inBucket, type Bucket } from '../support/object-server/in-bucket.js';
import { isWhole, TrainingStack } from '../support/training-stack.js';
import { CommitWatch } from './commit-watch.js';
import { PHASES, type PhaseName } from './phases.js';
import { COLD, killedServer, numServersOf, ROLES, type RoleName } from './roles.js';
import type { Scene } from './scene.js';
import { WireTap } from './wire-tap.js';

export interface Cell {
  readonly role: RoleName;
  readonly phase: PhaseName;
  readonly seed: number;
  /** Workers push gradients stage by stage of the backward pass, and must do so. Default false. */
  readonly isOverlapped?: boolean;
  /** Checkpoints lie in a bucket, and nowhere else. Default false. */
  readonly isStored?: boolean;
}

export interface CellResult extends Cell {
  readonly isPassed: boolean;
  /** What did not hold; empty where all did. */
  readonly faults: readonly string[];
  /** From the deed to the next commit of a later round; null where nothing trained or nothing more was committed. */
  readonly recoveryMs: number | null;
  /** Samples that the ledger misses or counts twice, over all epochs. */
  readonly samplesLost: number;
  readonly samplesRepeated: number;
  readonly incarnation: number;
}

const NUM_WORKERS = 2;
const NUM_LANES = 4;
const RECOVERY_TIMEOUT_MS = 60_000;
const UNREACHED: Omit<CellResult, keyof Cell> = {
  isPassed: false,
  faults: [],
  recoveryMs: null,
  samplesLost: 0,
  samplesRepeated: 0,
  incarnation: 0,
};

/** A worker takes seconds to start: a run that it is to join in the middle has to be longer. */
export const epochsOf = (phase: PhaseName): number => (phase === 'joining' ? 30 : 3);

export function smallRun(world: TrainingStack, epochs: number, { isStored = false } = {}): RunSpecInput {
  const checkpoint = { everySteps: 5, keep: 2, ...(isStored && { store: 's3://bucket/runs' }) };
  return world.spec({ epochs, lanes: NUM_LANES, workers: { min: 1, max: 3 }, checkpoint });
}

/** Two workers and the parameter servers, one deed, and the run to its end. Never rejects. */
export async function runCell(cell: Cell, expectedSha256: string): Promise<CellResult> {
  const tap = new WireTap();
  const bucket = cell.isStored ? await inBucket() : null;
  try {
    await using world = await TrainingStack.start({
      workers: NUM_WORKERS,
      parameterServers: numServersOf(cell.role),
      frontParameterServers: (addresses) => tap.front(addresses),
      // Lanes that one graph does not hold side by side are known as a whole.
      ...(cell.isOverlapped ? { engines: NUM_LANES, env: { SKIPLANE_OVERLAP: 'on' } } : {}),
    });
    return { ...cell, ...(await strikeAndFinish({ cell, world, tap, bucket, expectedSha256 })) };
  } catch (error) {
    return { ...cell, ...UNREACHED, faults: [error instanceof Error ? error.message : String(error)] };
  } finally {
    await tap.close();
    await bucket?.[Symbol.asyncDispose]();
  }
}

interface Stage {
  readonly cell: Cell;
  readonly world: TrainingStack;
  readonly tap: WireTap;
  readonly bucket: Bucket | null;
  readonly expectedSha256: string;
}

async function strikeAndFinish({
  cell,
  world,
  tap,
  bucket,
  expectedSha256,
}: Stage): Promise<Omit<CellResult, keyof Cell>> {
  const commits = new CommitWatch(tap);
  const isIdle = cell.phase === 'idle';
  const spec = smallRun(world, epochsOf(cell.phase), cell);
  await world.workersReady(NUM_WORKERS);
  const submitted = isIdle ? '' : await world.submit(spec);
  // Both take part before the deed, or a moment between two workers never comes.
  if (!isIdle)
    await world.until(submitted, 'both workers', ({ lanes }) => new Set(lanes.map((lane) => lane.workerId)).size === 2);
  const round = commits.round + 2 + (cell.seed % 3);
  const scene: Scene = { world, tap, commits, bucket, runId: submitted, round, seed: cell.seed };

  const strike = await PHASES[cell.phase](scene);
  const before = commits.round;
  const at = performance.now();
  await ROLES[cell.role](scene, strike);
  strike.release(killedServer(cell.role, scene, strike));
  const id = isIdle ? await world.submit(spec) : submitted;
  const commit = await commits.next(before, RECOVERY_TIMEOUT_MS);
  const view = await world.finished(id);
  commits.close();

  const isWithoutStages = (cell.isOverlapped ?? false) && !(await travelledInStages(world));
  const samplesLost = view.ledger.reduce((sum, { missing }) => sum + missing, 0);
  const samplesRepeated = view.ledger.reduce((sum, { repeated }) => sum + repeated, 0);
  const faults = [
    ...(view.weightsSha256 === expectedSha256 ? [] : ['other weights than the undisturbed run']),
    ...(isWithoutStages ? ['no gradient was pushed before all were computed'] : []),
    ...(bucket === null ? [] : faultsInBucket(bucket, view)),
    ...(isWhole(view) ? [] : [`the ledger is not whole: ${JSON.stringify(view.ledger)}`]),
    ...(view.incarnation === 1 || COLD.includes(cell.role)
      ? []
      : [`begun anew from disk ${view.incarnation - 1} times`]),
  ];
  return {
    isPassed: faults.length === 0,
    faults,
    recoveryMs: isIdle ? null : Math.round(commit.at - at),
    samplesLost,
    samplesRepeated,
    incarnation: view.incarnation,
  };
}

/** What the bucket holds is what the run lists, whole. */
function faultsInBucket({ server }: Bucket, { id, checkpoints }: RunView): readonly string[] {
  const manifests = [...server.objects.keys()].filter((key) => key.includes(`/${id}/`) && key.endsWith('.json'));
  const expected = checkpoints.map(({ directory }) => `${directory.slice('s3://'.length)}/checkpoint.json`);
  const isSame = manifests.toSorted().join() === expected.toSorted().join();
  return isSame ? [] : [`the bucket holds ${manifests.join(', ')}, the run lists ${expected.join(', ')}`];
}

/** Whether a worker said that a sum went in several parts. */
async function travelledInStages(world: TrainingStack): Promise<boolean> {
  const logs = world.stack.workers().map(({ logFile }) => readFile(logFile, 'utf8'));
  return (await Promise.all(logs)).some((log) => /"numParts":([2-9]|\d\d)/.test(log));
}
