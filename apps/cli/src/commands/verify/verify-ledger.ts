import {
  CHAIN_START,
  chainAfter,
  isStopOfEpoch,
  samplesInStep,
  stepsPerEpoch,
  trainingTimeline,
  totalSteps,
  type LedgerStep,
  type RunView,
  type TimelineNumbers,
} from '#contracts';

/** What the steps of an epoch add up to. */
export interface VerifiedEpoch {
  readonly epoch: number;
  readonly samples: number;
  /** Samples of a whole epoch, or draws. */
  readonly expected: number;
  readonly missing: number;
  readonly repeated: number;
  /** Of unreadable files, where there are any. */
  readonly leftOut?: number;
  /** The chain after its newest step, as computed here; null where something is missing up to there. */
  readonly chain: string | null;
}

export interface LedgerVerdict {
  /** The newest step. */
  readonly steps: number;
  readonly epochs: readonly VerifiedEpoch[];
  /** What an epoch is: every sample once, or as many draws, balanced by class, in which samples come repeatedly or not at all. */
  readonly epochOf: 'samples' | 'draws';
  /** The chain after the newest step, as computed here. */
  readonly chain: string | null;
  /** What is wrong, in words, at most 20; none of a right ledger. */
  readonly faults: readonly string[];
}

const MAX_FAULTS = 20;
/** The chain first: it differs nearly always, and then the others need no look. */
const FACTS = ['chain', 'samples', 'expected', 'missing', 'repeated', 'leftOut'] as const;

type Row = { -readonly [Key in keyof VerifiedEpoch]: VerifiedEpoch[Key] };

/**
 * Counts and chains a run's steps anew and compares with what the run says of itself. The view must have been asked for
 * before the steps: a run that trains has got further since, and what it said must lie on the way.
 */
export async function verifyLedger(
  run: RunView,
  pages: AsyncIterable<readonly LedgerStep[]>,
  onPage: (lastStep: number) => void = () => undefined,
): Promise<LedgerVerdict> {
  const audit = new LedgerAudit(run);
  // A turn of the event loop for each step would cost more than its hash.
  for await (const steps of pages) {
    for (const step of steps) audit.take(step);
    onPage(steps.at(-1)?.step ?? 0);
  }
  return audit.verdict();
}

class LedgerAudit {
  readonly #numbers: TimelineNumbers;
  /** Steps of the whole run, fewer where it stopped at an epoch. */
  readonly #total: number;
  /** Where the ledger of a finished run ends at the earliest: other stops have steps that no checkpoint holds. */
  readonly #leastEnd: number;
  readonly #faults: string[] = [];
  readonly #epochs: Row[] = [];
  /** What the run says of its epochs and no step has led to yet. */
  readonly #unconfirmed: Map<number, RunView['ledger'][number]>;
  readonly #mayLeaveOut: boolean;
  readonly #epochOf: LedgerVerdict['epochOf'];
  #last = 0;
  #chain: string | null = CHAIN_START;
  #hasChainFault = false;

  readonly #run: RunView;

  constructor(run: RunView) {
    this.#run = run;
    this.#numbers = trainingTimeline(run);
    const { stopped } = run;
    this.#total = stopped !== null && isStopOfEpoch(stopped.cause) ? stopped.step : totalSteps(this.#numbers);
    this.#leastEnd = stopped?.step ?? this.#total;
    const { dataset } = run.spec;
    this.#mayLeaveOut = 'unreadable' in dataset && dataset.unreadable === 'skip';
    this.#epochOf = dataset.balance === 'classes' ? 'draws' : 'samples';
    this.#unconfirmed = new Map(run.ledger.map((row) => [row.epoch, row]));
  }

  take(step: LedgerStep): void {
    if (step.step > this.#total) return this.#fault(`step ${step.step} is none of the run's ${this.#total}`);
    const row = this.#row(step.step);
    if (step.epoch !== row.epoch) this.#fault(`step ${step.step} is said to be of epoch ${step.epoch + 1}`);
    if (step.step <= this.#last) {
      this.#fault(`step ${step.step} comes after step ${this.#last}`);
      row.samples += step.samples;
      row.repeated += step.samples;
      return;
    }
    this.#skipTo(step.step);
    this.#count(row, step);
    this.#link(step);
    row.chain = this.#chain;
    this.#confirm(row);
  }

  verdict(): LedgerVerdict {
    for (const row of this.#unconfirmed.values()) {
      this.#fault(
        `epoch ${row.epoch + 1}: the run says ${row.samples} samples, ${row.missing} missing, ${row.repeated} repeated, ` +
          `chain ${row.chain ?? 'none'}; no step of its ledger leads there`,
      );
    }
    if (this.#epochOf === 'samples') this.#compareLeftOut();
    if (this.#run.state === 'finished' && this.#last < this.#leastEnd)
      this.#fault(`the run finished, but its ledger ends at step ${this.#last} of ${this.#leastEnd}`);
    return {
      steps: this.#last,
      epochs: this.#epochs,
      epochOf: this.#epochOf,
      chain: this.#chain,
      faults: this.#faults,
    };
  }

  #fault(text: string): void {
    if (this.#faults.length < MAX_FAULTS) this.#faults.push(text);
  }

  #row(step: number): Row {
    const epoch = Math.floor((step - 1) / stepsPerEpoch(this.#numbers));
    const expected = this.#numbers.numTrainSamples;
    return (this.#epochs[epoch] ??= { epoch, samples: 0, expected, missing: 0, repeated: 0, chain: null });
  }

  #due(step: number): number {
    return samplesInStep(this.#numbers, (step - 1) % stepsPerEpoch(this.#numbers));
  }

  /** The steps between the last one and this one are missing with all their samples. */
  #skipTo(step: number): void {
    const from = this.#last + 1;
    if (step === from) return;
    for (let absent = from; absent < step; absent += 1) this.#row(absent).missing += this.#due(absent);
    this.#fault(step === from + 1 ? `step ${from} is missing` : `steps ${from} to ${step - 1} are missing`);
    this.#chain = null;
  }

  #count(row: Row, { step, samples, leftOut = 0 }: LedgerStep): void {
    const due = this.#due(step);
    row.samples += samples;
    const lacking = due - samples - leftOut;
    row.missing += Math.max(0, lacking);
    row.repeated += Math.max(0, -lacking);
    if (leftOut > 0) row.leftOut = (row.leftOut ?? 0) + leftOut;
    if (leftOut > 0 && !this.#mayLeaveOut) this.#fault(`step ${step} left out ${leftOut} samples, the run refuses to`);
    if (lacking !== 0) {
      const without = leftOut > 0 ? ` (${leftOut} left out)` : '';
      this.#fault(`step ${step} has ${samples} samples instead of ${due}${without}`);
    }
    this.#last = step;
  }

  #link({ step, loss, digest, chain }: LedgerStep): void {
    if (digest === null) this.#fault(`step ${step} has no digest of its gradient`);
    this.#chain = this.#chain === null || digest === null ? null : chainAfter(this.#chain, { step, loss, digest });
    if (this.#chain === null || this.#chain === chain || this.#hasChainFault) return;
    this.#hasChainFault = true;
    this.#fault(`the chain after step ${step} is ${this.#chain}, the run says ${chain ?? 'none'}`);
  }

  /**
   * A count of samples left out is not taken at its word: every epoch sees every sample once, so what cannot be read is
   * left out of each of them, and whole epochs lack the same number.
   */
  #compareLeftOut(): void {
    const whole = this.#epochs.filter(({ samples, leftOut = 0, expected }) => samples + leftOut === expected);
    const [first, ...others] = whole;
    for (const { epoch, leftOut = 0 } of others) {
      if (first === undefined || leftOut === (first.leftOut ?? 0)) continue;
      this.#fault(
        `epoch ${epoch + 1} left out ${leftOut} samples and epoch ${first.epoch + 1} ${first.leftOut ?? 0}: ` +
          'what cannot be read is lacking in every epoch',
      );
    }
  }

  /** Looks whether this is where the run says that it is, or was when it was asked. */
  #confirm(row: Row): void {
    const said = this.#unconfirmed.get(row.epoch);
    if (said && FACTS.every((name) => said[name] === row[name])) this.#unconfirmed.delete(row.epoch);
  }
}
