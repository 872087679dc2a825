/** Adapters between a replica's ports and the queue, the parameter servers and the coordinator. */
import type { Assignment, Report } from '#contracts';
import type { GradientExchange, StateSnapshot } from '#parameter-server';
import type { LaneLeases, WorkerLink } from '#queue';
import {
  commitMemoryFromVector,
  commitMemoryToVector,
  scheduleStateFromVector,
  scheduleStateToVector,
  type ExchangePort,
  type LeasePort,
  type ReplicaSnapshot,
  type ReportPort,
} from '#training';

export function exchangePort(exchange: GradientExchange): ExchangePort {
  return {
    push: (round, node, vector, numRounded) => exchange.push(round, node, vector, numRounded),
    handedIn: (round, pace) => exchange.handedIn(round, pace),
    ready: (round) => exchange.ready(round),
    unready: () => exchange.unready(),
    requestState: async () => {
      return snapshotFromVectors(await exchange.requestState());
    },
    leave: () => exchange.leave(),
  };
}

/** A replica's state as the exchange carries it. */
export function snapshotToVectors({ round, state, schedule, commits }: ReplicaSnapshot): StateSnapshot {
  const { parameters, momentum, statistics, average } = state;
  const averages = average ? [average.parameters, average.statistics] : [];
  const words = [scheduleStateToVector(schedule), commitMemoryToVector(commits ?? { steps: [], evaluations: [] })];
  return { round, buffers: [parameters, momentum, statistics, ...words, ...averages] };
}

function snapshotFromVectors({ round, buffers }: StateSnapshot): ReplicaSnapshot {
  const [parameters, momentum, statistics, schedule, commits, averageParameters, averageStatistics] = buffers;
  if (!parameters || !momentum || !statistics || !schedule || !commits) {
    throw new Error(`a state has 5 or 7 vectors, ${buffers.length} came`);
  }
  const average =
    averageParameters && averageStatistics ? { parameters: averageParameters, statistics: averageStatistics } : null;
  return {
    round,
    state: { parameters, momentum, statistics, ...(average && { average }) },
    schedule: scheduleStateFromVector(schedule),
    commits: commitMemoryFromVector(commits),
  };
}

/** A Redis that is away delays leases; it never stops a step. */
export function leasePort(leases: LaneLeases): LeasePort {
  return {
    fetch: async () => {
      const lease = await leases.fetch().catch(() => null);
      if (!lease) return null;
      const { lane, firstRound, numRounds } = lease.shard;
      return { leaseId: lease.leaseId, lane, firstRound, endRound: firstRound + numRounds };
    },
    release: (leaseId) => leases.release(leaseId),
    complete: (leaseId) => leases.complete(leaseId),
    reclaim: async (workerId) => void (await leases.reclaim(workerId).catch(() => 0)),
  };
}

export function reportPort(link: WorkerLink, assignment: Assignment, workerId: string): ReportPort {
  const origin = { runId: assignment.runId, incarnation: assignment.incarnation, workerId };
  const send = (report: Report): void => link.report(report);
  return {
    steps: (steps) => send({ kind: 'steps', ...origin, steps: [...steps] }),
    evaluation: (evaluation) => send({ kind: 'evaluation', ...origin, evaluation }),
    part: (part) => send({ kind: 'evaluation-part', ...origin, part }),
    pace: (step, workers) => send({ kind: 'pace', ...origin, step, workers: [...workers] }),
    checkpoint: (checkpoint) => send({ kind: 'checkpoint', ...origin, checkpoint }),
    paused: (round) => send({ kind: 'paused', ...origin, round }),
    finished: ({ step, weightsSha256, directory }) =>
      send({ kind: 'finished', ...origin, step, weightsSha256, directory }),
    failed: (message) => send({ kind: 'failed', ...origin, message: `run ${assignment.runId}: ${message}` }),
    note: (level, topic, message) => send({ kind: 'note', ...origin, level, topic, message, at: Date.now() }),
  };
}
