import { areComparable, type LedgerStep } from '#contracts';

/** In what two steps of the same number can differ, in the order in which one brings about the next. */
const FACTS = ['samples', 'learningRate', 'loss', 'digest'] as const;

export interface StepDifference {
  readonly step: number;
  /** `missing`: only one of the runs has the step, though both have later ones. */
  readonly what: readonly ((typeof FACTS)[number] | 'missing')[];
  readonly a: LedgerStep | null;
  readonly b: LedgerStep | null;
}

export interface LedgerComparison {
  /** The steps from the first on that are the same in both. */
  readonly sameSteps: number;
  /** Of these, the ones where a run reported no digest, so that their gradients could not be compared. */
  readonly withoutDigest: number;
  /** Of these, the ones whose digests are of two kinds: one of the runs took them with an earlier version. */
  readonly otherDigests: number;
  /** The first step that differs; null where the shorter ledger is the beginning of the longer one. */
  readonly first: StepDifference | null;
  /** Which ledger goes on where the other has ended. */
  readonly longer: 'a' | 'b' | null;
}

/** Walks two ledgers side by side up to the first step that differs. Losses are compared by their bits. */
export async function diffLedgers(
  a: AsyncIterator<LedgerStep>,
  b: AsyncIterator<LedgerStep>,
): Promise<LedgerComparison> {
  for (let sameSteps = 0, withoutDigest = 0, otherDigests = 0; ; sameSteps += 1) {
    const [left, right] = await Promise.all([next(a), next(b)]);
    const soFar = { sameSteps, withoutDigest, otherDigests, first: null, longer: null };
    if (left === null || right === null) {
      return { ...soFar, longer: left !== null ? 'a' : right !== null ? 'b' : null };
    }
    const step = Math.min(left.step, right.step);
    const what = left.step === right.step ? differences(left, right) : (['missing'] as const);
    if (what.length > 0) {
      const [ofA, ofB] = [left, right].map((one) => (one.step === step ? one : null));
      return { ...soFar, first: { step, what, a: ofA ?? null, b: ofB ?? null } };
    }
    if (left.digest === null || right.digest === null) withoutDigest += 1;
    else if (!areComparable(left.digest, right.digest)) otherDigests += 1;
  }
}

async function next(steps: AsyncIterator<LedgerStep>): Promise<LedgerStep | null> {
  const { done, value } = await steps.next();
  return done === true ? null : value;
}

function differences(a: LedgerStep, b: LedgerStep): (typeof FACTS)[number][] {
  return FACTS.filter(
    (fact) => !Object.is(a[fact], b[fact]) && (fact !== 'digest' || areComparable(a.digest, b.digest)),
  );
}
