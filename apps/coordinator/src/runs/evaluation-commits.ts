import type { EvaluationTally } from '#contracts';
import type { MetricsLine } from '../storage/run-files.js';
import type { EvaluationRecord } from '../storage/run-record.schema.js';
import type { StepOutcome } from './step-series.js';

/** What an evaluation has counted, by round. */
export class EvaluationCommits {
  readonly #numRounds: number;
  readonly #tallyByRound = new Map<number, EvaluationTally>();

  constructor({ evaluation }: EvaluationRecord) {
    this.#numRounds = evaluation.numRounds;
  }

  /** What was counted, in the order of the rounds. */
  get tallies(): EvaluationTally[] {
    return [...this.#tallyByRound].sort(([left], [right]) => left - right).map(([, tally]) => tally);
  }

  /** The first round that nobody has reported; null when there is none. */
  get firstMissingRound(): number | null {
    for (let round = 0; round < this.#numRounds; round += 1) if (!this.#tallyByRound.has(round)) return round;
    return null;
  }

  /** Rounds done once what a line tells was committed; null where it belongs to no round of the evaluation. */
  roundsDoneAfter(line: MetricsLine): number | null {
    return line.kind === 'part' && line.part.round < this.#numRounds ? line.part.round + 1 : null;
  }

  /** The first report of a part counts. */
  take(line: MetricsLine): StepOutcome {
    if (line.kind !== 'part') throw new Error(`bug: an evaluation has no ${line.kind}`);
    const { round, tally } = line.part;
    const held = this.#tallyByRound.get(round);
    if (held !== undefined) return JSON.stringify(held) === JSON.stringify(tally) ? 'same' : 'differs';
    this.#tallyByRound.set(round, tally);
    return 'new';
  }
}
