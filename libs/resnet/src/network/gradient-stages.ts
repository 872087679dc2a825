import type { VectorLayout } from '../layout/layout.js';
import { weightsOf } from './layers.js';
import type { Network } from './network.js';
import { networkCosts } from './network-costs.js';

/** Elements [lo, hi) of the gradient vector. */
export interface VectorPart {
  readonly lo: number;
  readonly hi: number;
}

/** A part of the backward pass, which goes from the head to the image. */
export interface GradientStage {
  /** Where the gradients lie in the vector that are known behind it, ascending. */
  readonly parts: readonly VectorPart[];
  /** Elements of all of them. */
  readonly numElements: number;
  /** Of all computing of a step, by multiply-adds, how much is done behind it: 1 behind the last. */
  readonly doneShare: number;
}

/** More stages let little more of the bytes travel earlier; each costs a run of the graph. */
const NUM_STAGES = 4;
/** Of a step's multiply-adds: backward makes two gradients where forward makes one sum. */
const FORWARD_SHARE = 1 / 3;
/** Times that all gradients may travel for, in times of computing: a fast line, a slow one, and one between. */
const TRAVELS = [0.5, 1, 2];

/**
 * Stages of the backward pass, so chosen that a step ends soon after the longer of computing and travelling. The pass is cut
 * between nodes of the network where a single tensor goes from one side to the other. There are fewer stages where there are fewer
 * such places. Statistics, loss and counts are known behind the first.
 */
export function gradientStages(network: Network, layout: VectorLayout): readonly GradientStage[] {
  const gradients = gradientsOf(network, layout);
  const behind = (costs: readonly number[]): ((first: number) => number) => {
    const sums = costs.map((_, first) => costs.slice(first).reduce((sum, cost) => sum + cost, 0));
    return (first) => (sums[first] ?? 0) / (sums[0] ?? 1);
  };
  const shareBehind = behind(gradients.map(lengthOf));
  const workBehind = behind(networkCosts(network).nodes.map(({ multiplyAdds }) => multiplyAdds));
  const doneShare = (first: number): number => FORWARD_SHARE + (1 - FORWARD_SHARE) * workBehind(first);
  /** What a step takes, in times of the longer of computing and travelling; `firsts` are the stages' first nodes. */
  const excess = (firsts: readonly number[], travel: number): number => {
    const ends = firsts.reduce(
      (end, first, stage) =>
        Math.max(end, doneShare(first)) + travel * (shareBehind(first) - shareBehind(firsts[stage - 1] ?? Infinity)),
      0,
    );
    return ends / Math.max(1, travel);
  };
  const cost = (firsts: readonly number[]): number => TRAVELS.reduce((sum, travel) => sum + excess(firsts, travel), 0);
  const choices = choose(cutPlaces(network), NUM_STAGES - 1).map((cuts) => [...cuts, 0]);
  const costs = choices.map(cost);
  const firsts = choices[costs.indexOf(Math.min(...costs))] ?? [0];
  return firsts
    .map((first, stage): GradientStage => {
      const own = gradients.slice(first, firsts[stage - 1] ?? gradients.length).flat();
      const rest = stage === 0 ? [{ lo: layout.numTrained, hi: layout.vectorLength }] : [];
      const parts = merged([...own, ...rest]);
      return { parts, numElements: lengthOf(parts), doneShare: doneShare(first) };
    })
    .filter(({ numElements }) => numElements > 0);
}

/** Where the gradients of each node's weights lie. */
function gradientsOf({ nodes }: Network, layout: VectorLayout): readonly (readonly VectorPart[])[] {
  const entries = new Map(layout.parameters.map((entry) => [entry.name, entry]));
  return nodes.map((node) =>
    weightsOf(node).flatMap(({ name }) => {
      const entry = entries.get(name);
      return entry && !entry.isFrozen ? [{ lo: entry.offset, hi: entry.offset + entry.length }] : [];
    }),
  );
}

const lengthOf = (parts: readonly VectorPart[]): number => parts.reduce((sum, { lo, hi }) => sum + hi - lo, 0);

/** Nodes, from the last on, of which everything behind them needs nothing of before but what one node puts out. */
function cutPlaces({ nodes }: Network): readonly number[] {
  const places: number[] = [];
  let earliest = nodes.length;
  for (let index = nodes.length - 1; index > 1; index -= 1) {
    earliest = Math.min(earliest, ...(nodes[index]?.inputs ?? []));
    if (earliest === index - 1) places.push(index);
  }
  return places;
}

/** All ways to take up to so many of the places, in their order. */
function choose(places: readonly number[], most: number): readonly (readonly number[])[] {
  if (most === 0) return [[]];
  return [[], ...places.flatMap((place, at) => choose(places.slice(at + 1), most - 1).map((rest) => [place, ...rest]))];
}

function merged(parts: readonly VectorPart[]): readonly VectorPart[] {
  const together: VectorPart[] = [];
  for (const part of parts.toSorted((a, b) => a.lo - b.lo)) {
    const last = together.at(-1);
    if (last?.hi === part.lo) together.splice(-1, 1, { lo: last.lo, hi: part.hi });
    else together.push(part);
  }
  return together;
}
