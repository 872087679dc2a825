import type { WireFormat } from '#contracts';
import { maximalSubtrees } from '#parameter-server';
import type { GradientStage } from '#resnet';

/** What a step has to do, wherever. */
export interface StepWork {
  readonly lanes: number;
  readonly laneBatchSize: number;
  readonly wire: WireFormat;
  /** Elements of the gradient vector, and how many of them are gradients: `wire` is about these alone. */
  readonly vectorLength: number;
  readonly numTrained: number;
  /** Parts of the backward pass whose gradients travel while the next is computed; one where nothing does. */
  readonly stages: readonly Pick<GradientStage, 'numElements' | 'doneShare'>[];
  /** Milliseconds of a turn: the gradients of as many lanes as a worker computes at once. */
  readonly computeMs: number;
  /** Of a step: waiting for samples, and the update. */
  readonly dataMs: number;
  readonly updateMs: number;
  /** Of a step of several workers: the vector's way between device and host, and what is checked of it. */
  readonly vectorMs: number;
}

/** Where it is done. */
export interface Cluster {
  readonly workers: number;
  /** Workers that share the line of a host. */
  readonly workersPerHost: number;
  /** Parameter servers, each on a host of its own. */
  readonly servers: number;
  /** Lanes that a worker computes at once. */
  readonly engines: number;
  /** Of every host, each way. */
  readonly bitsPerSecond: number;
}

/** What the bytes of a step pass through; the slowest of them sets the pace of the exchange. */
export const PASSAGES = ['worker line', 'server line', 'worker processor', 'server processor'] as const;
export type Passage = (typeof PASSAGES)[number];

export interface StepPlan {
  readonly cluster: Cluster;
  /** Of the gradient vector on the line, without headers. */
  readonly vectorBytes: number;
  /** Times a worker computes; the worker with most lanes counts. */
  readonly turns: number;
  readonly computeMs: number;
  readonly exchangeMs: number;
  /** Of the exchange: while lanes are computed. */
  readonly hiddenMs: number;
  readonly passagesMs: Readonly<Record<Passage, number>>;
  /** The way of the last piece, behind which nothing is left to overlap with. */
  readonly lastPieceMs: number;
  readonly stepMs: number;
  readonly imagesPerSecond: number;
  /** Of as many images per second as the workers would make, were there no exchange. */
  readonly efficiency: number;
  /** What takes most of the step. */
  readonly bound: Passage | 'compute' | 'data' | 'update' | 'vector';
}

/**
 * Of a line's bits those that are payload: 1,448 of 1,538 bytes of a full Ethernet frame, less what acknowledgements and losses take
 * where both directions are full and several hosts send to one (`npm run scaling`).
 */
const PAYLOAD_SHARE = 0.9;
/** A piece of a vector travels as a whole and is added as a whole: `CHUNK_BYTES` of libs/parameter-server. */
const PIECE_BYTES = 2 ** 20;
/**
 * Processor time of an element, in nanoseconds: at a worker of one that is sent and one that comes back, at a server of one that a
 * worker pushed, with its sum and its way back. One thread does it. By `libs/parameter-server/bench/all-reduce.js` over TCP, two workers.
 */
const ELEMENT_NS: Readonly<Record<WireFormat, { readonly worker: number; readonly server: number }>> = {
  fp32: { worker: 2.0, server: 3.9 },
  bf16: { worker: 2.6, server: 2.3 },
};
const ELEMENT_BYTES: Readonly<Record<WireFormat, number>> = { fp32: 4, bf16: 2 };

/**
 * One step of a run, from what its parts take alone. A worker waits for its samples, computes its lanes, exchanges and
 * updates, one after the other; what is known of the gradients travels while the rest is computed, as far as there are `stages`.
 * Within the exchange all that happens overlaps, piece by piece: pushing, adding and coming back.
 * So the slowest passage counts, and behind it the way of the last piece. One worker alone exchanges nothing.
 */
export function planStep(work: StepWork, cluster: Cluster): StepPlan {
  const { workers, engines } = cluster;
  const { dataMs, updateMs } = work;
  const isAlone = workers === 1;
  const vectorMs = isAlone ? 0 : work.vectorMs;
  const turns = Math.ceil(Math.ceil(work.lanes / workers) / engines);
  const computeMs = turns * work.computeMs;
  const { vectorBytes, passagesMs, lastPieceMs } = exchangeOf(work, cluster);
  const slowest = PASSAGES.reduce((one, other) => (passagesMs[other] > passagesMs[one] ? other : one));
  const exchangeMs = isAlone ? 0 : passagesMs[slowest] + lastPieceMs;
  // Lanes in several turns are one stage: no gradient is known before the last turn.
  const hiddenMs = isAlone || turns > 1 ? 0 : hiddenOf(work, { computeMs, travelMs: passagesMs[slowest] });
  const aloneMs = dataMs + computeMs + updateMs;
  const stepMs = aloneMs + exchangeMs - hiddenMs + vectorMs;
  const parts = [
    ['compute', computeMs],
    [slowest, exchangeMs],
    ['data', dataMs],
    ['update', updateMs],
    ['vector', vectorMs],
  ] as const;
  const [bound] = parts.reduce((one, other) => (other[1] > one[1] ? other : one));
  return {
    cluster,
    vectorBytes,
    turns,
    computeMs,
    exchangeMs,
    hiddenMs,
    passagesMs,
    lastPieceMs,
    stepMs,
    imagesPerSecond: (work.lanes * work.laneBatchSize * 1_000) / stepMs,
    efficiency: aloneMs / stepMs,
    bound,
  };
}

/** A stage travels once it is computed and all before it have travelled; `travelMs` is for all of them. */
function hiddenOf(
  { stages, vectorLength }: StepWork,
  { computeMs, travelMs }: { readonly computeMs: number; readonly travelMs: number },
): number {
  const endMs = stages.reduce(
    (end, { numElements, doneShare }) => Math.max(end, doneShare * computeMs) + (numElements / vectorLength) * travelMs,
    0,
  );
  return computeMs + travelMs - endMs;
}

function exchangeOf(
  work: StepWork,
  { workers, workersPerHost, servers, bitsPerSecond }: Cluster,
): Pick<StepPlan, 'vectorBytes' | 'passagesMs' | 'lastPieceMs'> {
  const { wire, vectorLength, numTrained } = work;
  const vectorBytes = numTrained * ELEMENT_BYTES[wire] + (vectorLength - numTrained) * ELEMENT_BYTES.fp32;
  const bytesPerMs = (bitsPerSecond * PAYLOAD_SHARE) / 8_000;
  const pushes = pushesOf(work.lanes, workers);
  const most = Math.max(...pushes);
  const all = pushes.reduce((sum, one) => sum + one, 0);
  const onHost = Math.min(workersPerHost, workers);
  const elementMs = (role: 'worker' | 'server'): number => (vectorLength * ELEMENT_NS[wire][role]) / 1e6;
  const piece = Math.min(PIECE_BYTES, vectorBytes / servers);
  return {
    vectorBytes,
    passagesMs: {
      'worker line': (onHost * most * vectorBytes) / bytesPerMs,
      'server line': (Math.max(all, workers) * vectorBytes) / servers / bytesPerMs,
      'worker processor': ((most + 1) / 2) * elementMs('worker'),
      'server processor': ((all + workers) / 2 / servers) * elementMs('server'),
    },
    lastPieceMs: (Math.max(workers, onHost * servers) * piece) / bytesPerMs,
  };
}

/** Vectors that each worker pushes: one for every whole subtree of lanes that follow one another. */
function pushesOf(lanes: number, workers: number): readonly number[] {
  const shares = Array.from(
    { length: workers },
    (_, rank) => Math.floor(lanes / workers) + (rank < lanes % workers ? 1 : 0),
  );
  let first = 0;
  return shares.map((share) => {
    const own = Array.from({ length: share }, (_, index) => first + index);
    first += share;
    return maximalSubtrees(lanes, own).length;
  });
}
