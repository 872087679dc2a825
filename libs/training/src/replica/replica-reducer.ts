/**
 * The control of a replica as a pure reducer: (model, event) -> (model, effects). It knows no clock, no network and no
 * engine, so every interleaving of events can be tested, and the shell around it has no decisions to make.
 */
import {
  askedForState,
  enterRoundBehind,
  forsake,
  isBehind,
  isStill,
  nobodyIsAhead,
  tickBehind,
} from './behind-detector.js';
import { laneShare, leaderOf, type ReplicaParticipant } from './fair-share.js';
import { lanesOf, subtreesToPush } from './subtrees-to-push.js';
import {
  MAX_KEPT_ROOTS,
  type HeldShard,
  type ReplicaEffect,
  type ReplicaEvent,
  type ReplicaModel,
} from './replica-model.js';

type Applied = Extract<ReplicaEvent, { kind: 'applied' }>;

export interface Transition {
  readonly model: ReplicaModel;
  readonly effects: readonly ReplicaEffect[];
}

export function reduceReplica(model: ReplicaModel, event: ReplicaEvent): Transition {
  if (model.phase === 'left') return { model, effects: [] };
  const received = receive(model, event);
  const advanced = advance(received.model);
  return { model: advanced.model, effects: [...received.effects, ...advanced.effects] };
}

/** Takes the event into the model; what follows from the new model is `advance`'s business. */
function receive(model: ReplicaModel, event: ReplicaEvent): Transition {
  switch (event.kind) {
    case 'state-loaded':
      return begin({ ...model, numRounds: event.numRounds }, event.round);
    case 'state-unavailable':
      return hasReadyPeer(model) ? { model, effects: [] } : resume(model);
    case 'state-not-newer':
      return resume({ ...model, behind: nobodyIsAhead(model.behind) });
    case 'lease-granted':
      return { model: granted(model, event.shard), effects: [] };
    case 'lease-lost':
      return { model: { ...model, held: model.held.filter((shard) => shard.leaseId !== event.leaseId) }, effects: [] };
    case 'none-waiting':
      return { model: { ...model, isGathering: false }, effects: [] };
    case 'fetch-ended':
      return { model: { ...model, isFetching: false }, effects: [] };
    case 'push-begun':
      return { model: begun(model, event), effects: [] };
    case 'lanes-computed':
      return event.round === model.round && event.lanes.every((lane) => model.requested.includes(lane))
        ? { model: { ...model, computed: [...model.computed, ...event.lanes] }, effects: [] }
        : { model, effects: [] };
    case 'committing-alone':
      return { model: event.round === model.round ? { ...model, isApplying: true } : model, effects: [] };
    case 'root-arrived':
      return event.round < model.round || model.roots.includes(event.round)
        ? { model, effects: [] }
        : { model: { ...model, roots: newestRoots([...model.roots, event.round]) }, effects: [] };
    case 'applied':
      return applied(model, event);
    case 'participants-changed':
      return {
        model: { ...model, participants: event.participants },
        effects: reclaimEffects(model.participants, event.participants),
      };
    case 'shares-changed':
      return { model: { ...model, shares: event.shares }, effects: [] };
    case 'drain':
      return {
        model: { ...model, drain: event.drain, phase: model.phase === 'syncing' ? 'left' : 'draining' },
        effects: drainAtOnce(model, event.drain),
      };
    case 'drain-timeout':
      return model.phase === 'draining' && !model.isApplying ? leave(model) : { model, effects: [] };
    case 'tick':
      return tick(model, event);
  }
}

/** What is asked for a second time in a round is begun once. */
function begun(model: ReplicaModel, { round, node }: Extract<ReplicaEvent, { kind: 'push-begun' }>): ReplicaModel {
  const isAsked = round === model.round && lanesOf(node).every((lane) => model.requested.includes(lane));
  const isKnown = model.begun.some(({ lo, hi }) => lo === node.lo && hi === node.hi);
  return isAsked && !isKnown ? { ...model, begun: [...model.begun, node] } : model;
}

function tick(model: ReplicaModel, { isReceiving }: Extract<ReplicaEvent, { kind: 'tick' }>): Transition {
  const isBesideOthers = isAtWorkBesideOthers(model);
  const behind = tickBehind(model.behind, { isBesideOthers, isReceiving, hasLanes: model.held.length > 0 });
  return {
    model: { ...model, behind, isGathering: false },
    effects: isBesideOthers && isStill(behind) ? [{ kind: 'announce-round', round: model.round }] : [],
  };
}

function granted(model: ReplicaModel, shard: HeldShard): ReplicaModel {
  // A Redis that forgot who holds a shard hands it out a second time: it is still one lane.
  const others = model.held.filter(({ leaseId }) => leaseId !== shard.leaseId);
  // Earlier shards are handed out first: behind one of a later round none of this round waits.
  return { ...model, held: [...others, shard], isGathering: model.isGathering && shard.firstRound <= model.round };
}

/** The shell forgets the same ones: who lacks an old root asks for state. */
const newestRoots = (roots: readonly number[]): number[] => roots.toSorted((a, b) => a - b).slice(-MAX_KEPT_ROOTS);

function begin(model: ReplicaModel, round: number): Transition {
  const phase = model.drain ? 'draining' : 'training';
  return {
    model: { ...enterRound(model, round), phase, hasState: true, isApplying: false },
    effects: [{ kind: 'announce-ready', round }],
  };
}

/** Nobody is ahead, so the run goes on from here; the roots it has heard of are applied when their turn comes. */
function resume(model: ReplicaModel): Transition {
  if (model.phase !== 'syncing' || !model.hasState) return { model, effects: [] };
  return begin({ ...model, behind: forsake(model.behind, model.roots) }, model.round);
}

function isAtWorkBesideOthers(model: ReplicaModel): boolean {
  const isOver = model.round >= model.numRounds;
  return model.phase === 'training' && hasReadyPeer(model) && !isOver && !model.isApplying;
}

const readyPeers = ({
  participants,
  workerId,
}: Pick<ReplicaModel, 'participants' | 'workerId'>): readonly ReplicaParticipant[] =>
  participants.filter((participant) => participant.isReady && participant.workerId !== workerId);

const hasReadyPeer = (model: ReplicaModel): boolean => readyPeers(model).length > 0;

function drainAtOnce(model: ReplicaModel, drain: 'pause' | 'shutdown'): ReplicaEffect[] {
  return model.phase === 'syncing' ? [...releaseAll(model), { kind: 'leave', drain, isLeader: false }] : [];
}

function reclaimEffects(before: readonly ReplicaParticipant[], after: readonly ReplicaParticipant[]): ReplicaEffect[] {
  const present = new Set(after.map((participant) => participant.workerId));
  return before
    .filter((participant) => !present.has(participant.workerId))
    .map((participant) => ({ kind: 'reclaim-leases', workerId: participant.workerId }));
}

function enterRound(model: ReplicaModel, round: number): ReplicaModel {
  return {
    ...model,
    round,
    requested: [],
    computed: [],
    begun: [],
    pushed: [],
    behind: enterRoundBehind(model.behind, round === model.round),
    roots: model.roots.filter((root) => root >= round),
  };
}

function applied(model: ReplicaModel, { round, isCheckpointDue, numRounds }: Applied): Transition {
  if (round !== model.round || !model.isApplying) return { model, effects: [] };
  const next = { ...enterRound(model, round + 1), isApplying: false, numRounds };
  const effects: ReplicaEffect[] =
    isCheckpointDue && isLeader(model) ? [{ kind: 'checkpoint', round: next.round }] : [];
  return { model: next, effects };
}

const isLeader = (model: ReplicaModel): boolean => leaderOf(model.participants) === model.workerId;

const covers = (shard: HeldShard, round: number): boolean => shard.firstRound <= round && round < shard.endRound;

/** Everything that follows from the model as it stands. Runs after every event; doing it twice changes nothing. */
function advance(model: ReplicaModel): Transition {
  if (model.phase === 'left' || model.phase === 'syncing' || model.isApplying) return { model, effects: [] };
  if (model.roots[0] === model.round) {
    return {
      model: { ...model, isApplying: true, roots: model.roots.slice(1) },
      effects: [{ kind: 'apply-root', round: model.round }],
    };
  }
  const { round, roots } = model;
  if (isBehind(model.behind, { round, roots, peerRounds: readyPeers(model).map((peer) => peer.round) })) {
    return {
      model: { ...model, phase: 'syncing', held: [], behind: askedForState(model.behind) },
      effects: [...releaseAll(model), { kind: 'announce-unready' }, { kind: 'request-state' }],
    };
  }
  const done = settleLeases(model);
  if (model.round >= model.numRounds) return finish(done);
  if (model.phase === 'draining') return drainStep(done);
  return fetchIfShort(driveLanes(done));
}

/** Completes leases that are behind us, puts back what is ahead of us, gives up what exceeds our share. */
function settleLeases(model: ReplicaModel): Transition {
  const effects: ReplicaEffect[] = [];
  const keep: HeldShard[] = [];
  for (const shard of model.held) {
    if (shard.endRound <= model.round) effects.push({ kind: 'complete-lease', shard });
    else if (covers(shard, model.round)) keep.push(shard);
    else effects.push({ kind: 'release-lease', shard });
  }
  const share = laneShare(model, model.workerId);
  // Lanes are given away between rounds only: what is being computed is never thrown away.
  const isAtBoundary = model.requested.length === 0;
  while (isAtBoundary && model.phase === 'training' && keep.length > share && share > 0) {
    const shard = keep.pop();
    if (shard) effects.push({ kind: 'release-lease', shard });
  }
  const isGathering = model.isGathering || (keep.length === 0 && isAtBoundary);
  return { model: { ...model, held: keep, isGathering }, effects };
}

function driveLanes({ model, effects }: Transition): Transition {
  if (model.isGathering && model.held.length < laneShare(model, model.workerId)) return { model, effects };
  const fresh = model.held.map((shard) => shard.lane).filter((lane) => !model.requested.includes(lane));
  const asked = { ...model, isGathering: false, requested: [...model.requested, ...fresh] };
  const computes: ReplicaEffect[] =
    fresh.length > 0 ? [{ kind: 'compute-lanes', round: model.round, lanes: fresh.toSorted((a, b) => a - b) }] : [];
  const pushing = pushComputed(asked);
  return { model: pushing.model, effects: [...effects, ...computes, ...pushing.effects] };
}

function pushComputed(model: ReplicaModel): Transition {
  const nodes = subtreesToPush(model);
  const pushed = [...model.pushed, ...nodes.flatMap(lanesOf)];
  const pushes = nodes.map((node): ReplicaEffect => ({ kind: 'push-node', round: model.round, node }));
  const isAll = nodes.length > 0 && pushed.length === model.requested.length;
  const word: ReplicaEffect[] = isAll ? [{ kind: 'hand-in', round: model.round, lanes: pushed.length }] : [];
  return { model: { ...model, pushed }, effects: [...pushes, ...word] };
}

function fetchIfShort({ model, effects }: Transition): Transition {
  const share = laneShare(model, model.workerId);
  if (model.isFetching || model.held.length >= share) return { model, effects };
  const ready = model.participants.filter((participant) => participant.isReady);
  const rank = ready.findIndex((participant) => participant.workerId === model.workerId);
  // Only the first fetch of a round is staggered.
  return {
    model: { ...model, isFetching: true },
    effects: [...effects, { kind: 'fetch-lease', rank: model.held.length === 0 ? rank : 0 }],
  };
}

function drainStep({ model, effects }: Transition): Transition {
  const pushing = pushComputed(model);
  const together = [...effects, ...pushing.effects];
  // Nothing of this round was begun: nothing is lost by leaving now.
  if (model.requested.length === 0) {
    const left = leave(pushing.model);
    return { model: left.model, effects: [...together, ...left.effects] };
  }
  return { model: pushing.model, effects: together };
}

function leave(model: ReplicaModel): Transition {
  const drain = model.drain ?? 'shutdown';
  return {
    model: { ...model, phase: 'left', held: [] },
    effects: [...releaseAll(model), { kind: 'leave', drain, isLeader: isLeader(model) }],
  };
}

function releaseAll(model: ReplicaModel): ReplicaEffect[] {
  return model.held.map((shard) => ({ kind: 'release-lease', shard }));
}

function finish({ model, effects }: Transition): Transition {
  if (model.isFinishWritten || !isLeader(model)) {
    if (model.phase !== 'draining') return { model, effects };
    const left = leave(model);
    return { model: left.model, effects: [...effects, ...left.effects] };
  }
  return {
    model: { ...model, isFinishWritten: true },
    effects: [...effects, { kind: 'finish', round: model.round }],
  };
}
