/**
 * Whether a replica has fallen behind, from counters of its ticks: pure functions. Nobody tells it so. A root of its round
 * that does not come may be late or lost, and asking for another worker's state is right only in the second case. As long as
 * something comes in the line is slow, not dead.
 */

export interface BehindState {
  /** Ticks that count as long; as many as a silent peer is waited for, at least. */
  readonly patienceTicks: number;
  /** Ticks in a row in which nothing came in, without a lane to drive or a commit, while another worker is ready. */
  readonly idleTicks: number;
  /** So many of them make it ask whether others are ahead; twice as many after each time that they were not. */
  readonly idleLimit: number;
  /** Ticks since the replica entered the round in flight beside others that are ready. */
  readonly roundTicks: number;
  /** Those of them in a row in which nothing came in. */
  readonly silentTicks: number;
  /** Those of the round before, whatever came in. */
  readonly lastRoundTicks: number;
  /** Roots up to here do not prove that it is behind: when it looked for newer state, nobody alive had any. */
  readonly forsakenUntil: number;
}

export function initialBehindState(patienceTicks: number): BehindState {
  return {
    patienceTicks,
    idleTicks: 0,
    idleLimit: patienceTicks,
    roundTicks: 0,
    silentTicks: 0,
    lastRoundTicks: 0,
    forsakenUntil: -1,
  };
}

/** What a replica does while a tick passes. */
export interface TickBehind {
  /** It is at work on a round, and so is another. */
  readonly isBesideOthers: boolean;
  /** Something of a root came in. */
  readonly isReceiving: boolean;
  readonly hasLanes: boolean;
}

export function tickBehind(state: BehindState, { isBesideOthers, isReceiving, hasLanes }: TickBehind): BehindState {
  const { roundTicks, silentTicks, idleTicks } = state;
  return {
    ...state,
    roundTicks: isBesideOthers ? roundTicks + 1 : roundTicks,
    silentTicks: isReceiving ? 0 : isBesideOthers ? silentTicks + 1 : silentTicks,
    idleTicks: isBesideOthers && !hasLanes && !isReceiving ? idleTicks + 1 : 0,
  };
}

/** Whoever stands still for long asks now and then where the others are: after a tick beside others, this one does. */
export function isStill({ roundTicks, patienceTicks }: BehindState): boolean {
  return roundTicks % patienceTicks === 0;
}

/** The replica enters a round; `isSame`: the one that it was in, with other state. */
export function enterRoundBehind(state: BehindState, isSame: boolean): BehindState {
  const { roundTicks, idleLimit, patienceTicks } = state;
  return {
    ...state,
    idleTicks: 0,
    roundTicks: 0,
    silentTicks: 0,
    lastRoundTicks: roundTicks,
    idleLimit: isSame ? idleLimit : patienceTicks,
  };
}

/** It has asked for state and begins to wait for it. */
export function askedForState(state: BehindState): BehindState {
  return { ...state, idleTicks: 0 };
}

/** What others have is no newer: a step takes longer than was thought, and lanes are given away between steps only. */
export function nobodyIsAhead(state: BehindState): BehindState {
  return { ...state, idleLimit: state.idleLimit * 2 };
}

/** Nobody alive has newer state: the roots it has heard of are applied when their turn comes. */
export function forsake(state: BehindState, roots: readonly number[]): BehindState {
  return { ...state, forsakenUntil: Math.max(state.forsakenUntil, ...roots) };
}

export interface Surroundings {
  readonly round: number;
  /** Rounds whose root arrived and is not yet applied. */
  readonly roots: readonly number[];
  /** Where the other workers that are ready were last seen. */
  readonly peerRounds: readonly (number | null)[];
}

/**
 * Two later rounds are committed and ours never came: the server that held it is gone and the others have moved on. One
 * later round is no proof: with several servers the last pieces of two roots may cross. Or there is no lane for our
 * round while others are at work: theirs is another round. Or another worker is at a later round.
 */
export function isBehind(state: BehindState, surroundings: Surroundings): boolean {
  const numAhead = surroundings.roots.filter((root) => root > state.forsakenUntil).length;
  return numAhead >= 2 || state.idleTicks >= state.idleLimit || isLeftBehind(state, surroundings);
}

/**
 * Another worker is at a later round and our root does not come, because everybody who could push it once more is gone or
 * has moved on. Two rounds ahead is proof enough, they did without us; one round ahead may be a slow line to us.
 */
function isLeftBehind(
  { silentTicks, lastRoundTicks, patienceTicks }: BehindState,
  { round, peerRounds }: Surroundings,
): boolean {
  if (silentTicks < patienceTicks) return false;
  const numAhead = Math.max(0, ...peerRounds.map((peer) => (peer ?? 0) - round));
  return numAhead >= 2 || (numAhead === 1 && silentTicks >= 4 * (lastRoundTicks + 2 * patienceTicks));
}
