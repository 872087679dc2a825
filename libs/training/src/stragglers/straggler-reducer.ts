/**
 * Who is slow, from the times of the last rounds: a pure reducer. A worker is compared with the median of the others in
 * the same round, per turn of its engines, so neither its number of lanes nor what a round costs all of them counts.
 */
import {
  STRAGGLER_STEPS,
  PHASES,
  type ParticipantTimes,
  type Phase,
  type Slowness,
  type WorkerTimes,
} from '#contracts';
import { median } from '#contracts';

/** Slow in most of the steps looked at is slow, so a straggler is named in its third slow step. */
const MOST = Math.floor(STRAGGLER_STEPS / 2) + 1;
/** Times the others' median: slow from the first figure on, and no longer below the second one. */
const SLOW_FROM = 1.5;
const SLOW_UNTIL = 1.25;

type Parts = Readonly<Record<Phase, number>>;

interface Observation {
  readonly step: number;
  /** Milliseconds of one turn of its engines, and of what does not depend on their number. */
  readonly turnMs: number;
  readonly restMs: number;
  readonly own: Parts;
  /** Medians of the others; null where there were none. */
  readonly others: Parts | null;
}

interface WorkerHistory {
  readonly lanes: number;
  readonly engines: number;
  /** Of the last rounds, oldest first. */
  readonly observations: readonly Observation[];
  readonly slowSince: number | null;
}

export type StragglerState = ReadonlyMap<string, WorkerHistory>;

export const INITIAL_STRAGGLER_STATE: StragglerState = new Map();

/** Takes in a round; workers that took no part in it are forgotten. */
export function reduceStragglers(
  state: StragglerState,
  step: number,
  participants: readonly ParticipantTimes[],
): StragglerState {
  const parts = new Map(
    participants.flatMap((times) => (times.arrivedMs === null ? [] : [[times.workerId, partsOf(times)]])),
  );
  return new Map(
    participants.map((times): [string, WorkerHistory] => {
      const { workerId, lanes, engines } = times;
      const before = state.get(workerId);
      const own = parts.get(workerId);
      const others = [...parts].filter(([id]) => id !== workerId).map(([, other]) => other);
      const observations = [
        ...(before?.observations ?? []),
        ...(own ? [{ step, ...timesOf(times, own), own, others: others.length > 0 ? medians(others) : null }] : []),
      ].slice(-STRAGGLER_STEPS);
      return [
        workerId,
        { lanes, engines, observations, slowSince: slowSince(observations, before?.slowSince ?? null) },
      ];
    }),
  );
}

/** What the coordinator is told of it. */
export function stragglerReport(state: StragglerState): WorkerTimes[] {
  return [...state].flatMap(([workerId, { lanes, engines, observations, slowSince: since }]): WorkerTimes[] => {
    if (observations.length === 0) return [];
    const turns = observations.map(({ turnMs }) => turnMs);
    return [
      {
        workerId,
        lanes,
        engines,
        steps: observations.length,
        turnMs: { least: Math.min(...turns), median: median(turns), most: Math.max(...turns) },
        restMs: median(observations.map(({ restMs }) => restMs)),
        phases: medians(observations.map(({ own }) => own)),
        slowness: since === null ? null : slowness(observations, since),
      },
    ];
  });
}

/** Milliseconds by phase; what a worker's own clock does not account for is the exchange. */
function partsOf({ lanes, engines, dataMs, computeMs, updateMs, arrivedMs }: ParticipantTimes): Parts {
  const turns = Math.ceil(lanes / engines);
  return {
    data: dataMs / turns,
    compute: computeMs / turns + updateMs,
    exchange: Math.max(0, (arrivedMs ?? 0) - dataMs - computeMs - updateMs),
  };
}

function timesOf(
  { updateMs }: ParticipantTimes,
  { data, compute, exchange }: Parts,
): { turnMs: number; restMs: number } {
  return { turnMs: data + compute - updateMs, restMs: exchange + updateMs };
}

function slowSince(observations: readonly Observation[], before: number | null): number | null {
  const ratios = observations.flatMap(({ step, own, others }) =>
    others === null ? [] : [{ step, ratio: total(own) / Math.max(total(others), Number.MIN_VALUE) }],
  );
  const slow = ratios.filter(({ ratio }) => ratio >= SLOW_FROM);
  if (before === null) return slow.length >= MOST ? (slow[0]?.step ?? null) : null;
  const keepsUp = ratios.filter(({ ratio }) => ratio < SLOW_UNTIL).length >= MOST;
  return keepsUp || ratios.length === 0 ? null : before;
}

/** The phase that takes most longer than the others' does. */
function slowness(observations: readonly Observation[], sinceStep: number): Slowness {
  const since = observations.filter(({ step }) => step >= sinceStep);
  const own = medians(since.map((one) => one.own));
  const others = medians(since.flatMap((one) => one.others ?? []));
  const excess = (phase: Phase): number => own[phase] - others[phase];
  const phase = PHASES.reduce((worst, one) => (excess(one) > excess(worst) ? one : worst));
  return { phase, ms: own[phase], othersMs: others[phase], sinceStep };
}

const total = ({ data, compute, exchange }: Parts): number => data + compute + exchange;

function medians(parts: readonly Parts[]): Parts {
  const of = (phase: Phase): number => median(parts.map((one) => one[phase]));
  return { data: of('data'), compute: of('compute'), exchange: of('exchange') };
}
