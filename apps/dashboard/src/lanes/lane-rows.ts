/** Lanes and workers as rows of the grid. */
export interface LaneRow {
  /** Null: the row of lanes that nobody drives. */
  readonly workerId: string | null;
  readonly lanes: readonly number[];
  /** False: it took part earlier and does no longer. */
  readonly isPresent: boolean;
}

export interface LaneOwner {
  readonly lane: number;
  readonly workerId: string | null;
}

/** How many workers that have left stay visible: enough to see where lanes came from. */
const MAX_DEPARTED = 3;

/**
 * Rows in the order in which workers were first seen, so that a row never jumps; then the row without a worker, always
 * there, so that a lane that loses its worker has a place to fall to.
 */
export function laneRows(
  owners: readonly LaneOwner[],
  workers: readonly string[],
  seen: readonly string[],
): readonly LaneRow[] {
  const present = new Set([...workers, ...owners.flatMap(({ workerId }) => (workerId === null ? [] : [workerId]))]);
  const departed = seen.filter((workerId) => !present.has(workerId)).slice(-MAX_DEPARTED);
  const lanesOf = (workerId: string | null): number[] =>
    owners.filter((owner) => owner.workerId === workerId).map((owner) => owner.lane);
  const rows = rememberWorkers(seen, [...present])
    .filter((workerId) => present.has(workerId) || departed.includes(workerId))
    .map((workerId) => ({ workerId, lanes: lanesOf(workerId), isPresent: present.has(workerId) }));
  return [...rows, { workerId: null, lanes: lanesOf(null), isPresent: true }];
}

/** The workers seen so far in order of appearance; newcomers that come together are sorted by name. */
export function rememberWorkers(seen: readonly string[], present: readonly string[]): readonly string[] {
  const newcomers = present.filter((workerId) => !seen.includes(workerId)).sort();
  return newcomers.length === 0 ? seen : [...seen, ...newcomers];
}

/** `0–3, 7`: a set of lanes in words. */
export function describeLanes(lanes: readonly number[]): string {
  const sorted = lanes.toSorted((left, right) => left - right);
  const ranges: [number, number][] = [];
  for (const lane of sorted) {
    const range = ranges.at(-1);
    if (range !== undefined && range[1] === lane - 1) range[1] = lane;
    else ranges.push([lane, lane]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(', ');
}
