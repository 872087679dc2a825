import { Foresight, type SampleRounds, type WantedSamples } from '#data-loading';
import type { Requests } from '#threads';
import type { TestCropAnswers, TestCropRequest, TestCropsOfSamples } from './test-crop-messages.js';

/** Told the lanes of this process and the round that they are in. */
export type FollowLanes = (lanes: readonly number[], round: number) => void;

export type TestCropThread = Requests<TestCropRequest, TestCropAnswers>;

/** The rounds of an evaluation; all samples are of one split. */
export interface SplitRounds extends Omit<SampleRounds, 'samples'> {
  /** What a lane counts in a round. */
  samples(lane: number, round: number): Uint32Array;
}

export interface TestCropLoaderOptions {
  readonly threads: readonly TestCropThread[];
  readonly split: WantedSamples['split'];
  /** Files are fetched before they are read: the first thread is told what will be wanted. */
  readonly isFetched: boolean;
}

/** The control side of the threads of test crops. */
export class TestCropLoader {
  readonly #options: TestCropLoaderOptions;
  /** For the next request to the first thread, which fetches ahead for all. */
  #ahead: readonly WantedSamples[] | undefined;

  constructor(options: TestCropLoaderOptions) {
    this.#options = options;
  }

  /** Files that these rounds want are fetched ahead of the samples, from where the lanes are. */
  follow(rounds: SplitRounds): FollowLanes {
    const { split, isFetched } = this.#options;
    if (!isFetched) return () => undefined;
    const samples = (lane: number, round: number): WantedSamples => ({ split, samples: rounds.samples(lane, round) });
    const foresight = new Foresight({ ...rounds, samples });
    return (lanes, round) => {
      foresight.keepLanes(lanes);
      for (const lane of lanes) this.#ahead = foresight.tell(lane, round) ?? this.#ahead;
    };
  }

  async crops(samples: Uint32Array, imageSizes: readonly number[]): Promise<TestCropsOfSamples> {
    const [first, ...others] = this.#options.threads;
    if (!first) throw new Error('an evaluation needs at least one data thread');
    const thread = others.reduce((best, other) => (other.load < best.load ? other : best), first);
    const ahead = thread === first ? this.#ahead : undefined;
    if (ahead) this.#ahead = undefined;
    return (await thread.request({ kind: 'test-crops', samples, imageSizes, ...(ahead && { ahead }) })).value;
  }

  async close(): Promise<void> {
    await Promise.all(this.#options.threads.map((thread) => thread.close()));
  }
}
