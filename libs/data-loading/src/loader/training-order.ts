import { laneSlice, roundPosition, stepsPerEpoch, type DatasetSpec, type TimelineNumbers } from '#contracts';
import { blockOrder, drawByClass, epochOrder, type SampleIndex } from '#dataset';

/** What an epoch trains on, in order: a draw for each position, see `drawByClass`; where nothing is balanced, a sample. */
export type OrderOf = (epoch: number) => Uint32Array;

export interface TrainingOrderOptions {
  readonly numbers: TimelineNumbers;
  readonly seed: number;
  readonly index: Pick<SampleIndex, 'labels' | 'files'>;
}

/** The order of a run's epochs as its data set's spec wants it: a pure function of its arguments. */
export function trainingOrder(
  { shuffle = 'global', balance = 'none' }: Pick<DatasetSpec, 'shuffle' | 'balance'>,
  { numbers, seed, index }: TrainingOrderOptions,
): OrderOf {
  const { numTrainSamples: numSamples } = numbers;
  const drawsOf = (epoch: number): Uint32Array =>
    balance === 'classes'
      ? drawByClass(index.labels, { seed, epoch })
      : Uint32Array.from({ length: numSamples }, (_, sample) => sample);
  switch (shuffle) {
    case 'global':
      return (epoch) => {
        const order = epochOrder(seed, epoch, numSamples);
        if (balance === 'none') return order;
        const draws = drawsOf(epoch);
        return order.map((at) => draws[at] ?? 0);
      };
    case 'blocks': {
      const { files } = index;
      const sections = laneShares(numbers);
      return (epoch) => {
        const draws = drawsOf(epoch);
        return dealToLanes(blockOrder({ seed, epoch, draws, files, numSamples, sections }), numbers, sections);
      };
    }
  }
}

/** Samples that each lane takes in an epoch. */
function laneShares(numbers: TimelineNumbers): number[] {
  const shares = Array.from({ length: numbers.lanes }, () => 0);
  for (let step = 0; step < stepsPerEpoch(numbers); step += 1) {
    const position = roundPosition(numbers, step);
    for (let lane = 0; lane < numbers.lanes; lane += 1) {
      const [from, to] = laneSlice(numbers, position, lane);
      shares[lane] = (shares[lane] ?? 0) + to - from;
    }
  }
  return shares;
}

/** Each lane reads a section of its own from end to end, so a worker needs the shards of its lanes alone. */
function dealToLanes(inSections: Uint32Array, numbers: TimelineNumbers, sections: readonly number[]): Uint32Array {
  const order = new Uint32Array(inSections.length);
  let start = 0;
  for (const [lane, length] of sections.entries()) {
    let next = start;
    for (let step = 0; next < start + length; step += 1) {
      const [from, to] = laneSlice(numbers, roundPosition(numbers, step), lane);
      order.set(inSections.subarray(next, next + to - from), from);
      next += to - from;
    }
    start += length;
  }
  return order;
}
