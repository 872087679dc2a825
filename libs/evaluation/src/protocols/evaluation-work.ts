import { partSlice, type EvaluationPart, type EvaluationTimeline, type Report, type ReportOrigin } from '#contracts';
import { ofLane, type CommittedRound, type RoundPart, type RoundWork } from '#training';
import { readTally } from './counts-vector.js';
import type { Evaluator } from './evaluator.js';
import type { FollowLanes, SplitRounds, TestCropLoader } from './test-crop-loader.js';

const REPEAT_MS = 3_000;

export interface EvaluationWorkOptions {
  readonly evaluator: Pick<Evaluator, 'counts'>;
  readonly timeline: EvaluationTimeline;
  /** Told which samples will be wanted, round by round. */
  readonly crops: Pick<TestCropLoader, 'follow'>;
  readonly numClasses: number;
  /** The first round that is not counted yet. */
  readonly firstRound: number;
  readonly origin: ReportOrigin;
  readonly report: (report: Report) => void;
}

/** The rounds of an evaluation: each counts a part of a split. There is no state but the counts, which are reported. */
export class EvaluationWork implements RoundWork {
  readonly lanes: number;
  readonly numRounds: number;
  readonly #options: EvaluationWorkOptions;
  readonly #follow: FollowLanes;
  readonly #parts: EvaluationPart[] = [];
  #isLeader = false;

  constructor(options: EvaluationWorkOptions) {
    this.#options = options;
    this.lanes = options.timeline.lanes;
    this.numRounds = options.timeline.numRounds;
    this.#follow = options.crops.follow(evaluationRounds(options.timeline));
  }

  describe(round: number): string {
    return `part ${round}`;
  }

  timedStep(): null {
    return null;
  }

  numRounded(): number {
    return 0;
  }

  /** Counts of the lanes' slices of the round's part. */
  async compute(lanes: readonly number[], round: number): Promise<RoundPart> {
    this.#follow(lanes, round);
    const counted = await Promise.all(
      lanes.map(async (lane) => {
        const samples = samplesOf(this.#options.timeline, round, lane);
        const { vector, dataMs } = await ofLane(lane, this.#options.evaluator.counts(samples));
        return { node: { lo: lane, hi: lane + 1 }, vector, dataMs };
      }),
    );
    return { sums: counted, dataMs: Math.max(...counted.map(({ dataMs }) => dataMs)) };
  }

  commitAlone(): null {
    return null;
  }

  commit(root: Float32Array, round: number): Promise<CommittedRound> {
    const part = { round, tally: readTally(root, this.#options.numClasses) };
    this.#parts.push(part);
    if (this.#isLeader) this.#report([part]);
    return Promise.resolve({ isCheckpointDue: false, recorded: Promise.resolve() });
  }

  begin(): Promise<number> {
    return Promise.resolve(this.#options.firstRound);
  }

  restore(): Promise<void> {
    return Promise.resolve();
  }

  snapshot(round: number): ReturnType<RoundWork['snapshot']> {
    return Promise.resolve({ round, vectors: {}, memory: null });
  }

  save(): Promise<void> {
    return Promise.resolve();
  }

  settled(): Promise<void> {
    return Promise.resolve();
  }

  /** The coordinator ends an evaluation when it has every part; until then one may have been lost on its way. */
  async finish(_round: number, signal: AbortSignal): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, REPEAT_MS));
      if (signal.aborted) return;
      this.#report(this.#parts);
    }
  }

  /** Who comes to lead reports every part again: its predecessor may have taken some with it. */
  follow(isLeader: boolean): void {
    if (isLeader && !this.#isLeader) this.#report(this.#parts);
    this.#isLeader = isLeader;
  }

  #report(parts: readonly EvaluationPart[]): void {
    const { origin, report } = this.#options;
    for (const part of parts) report({ kind: 'evaluation-part', ...origin, part });
  }
}

function samplesOf(timeline: EvaluationTimeline, round: number, lane: number): Uint32Array {
  const [from, to] = partSlice(timeline, round, lane);
  return Uint32Array.from({ length: to - from }, (_, at) => from + at);
}

function evaluationRounds(timeline: EvaluationTimeline): SplitRounds {
  const { numSamples, numRounds, lanes } = timeline;
  return {
    numRounds,
    samplesARound: Math.max(1, Math.ceil(numSamples / numRounds / lanes)),
    mostRounds: numRounds,
    samples: (lane, round) => samplesOf(timeline, round, lane),
  };
}
