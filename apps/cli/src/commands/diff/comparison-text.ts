import type { LedgerStep, RunView } from '#contracts';
import type { LedgerComparison, StepDifference } from './diff-ledgers.js';

const WORDS: Readonly<Record<StepDifference['what'][number], string>> = {
  missing: 'it is missing in one of them',
  samples: 'samples',
  learningRate: 'learning rate',
  loss: 'loss',
  digest: 'digest of the reduced gradient',
};

/** What `skiplane diff` found, for people. */
export function comparisonText(a: RunView, b: RunView, comparison: LedgerComparison): string {
  const { sameSteps, withoutDigest, otherDigests, first, longer } = comparison;
  const lines = [`a ${a.id}, ${a.state}`, `b ${b.id}, ${b.state}`];
  lines.push(sameSteps === 0 ? 'not even the first step is the same' : `the same up to step ${sameSteps}`);
  if (withoutDigest > 0)
    lines.push(`${withoutDigest} of these steps have no digest, their gradients were not compared`);
  if (otherDigests > 0)
    lines.push(
      `${otherDigests} of these steps have digests of two kinds, from two versions of Skiplane: their gradients were not compared`,
    );
  if (first !== null) {
    lines.push(`step ${first.step} differs in ${first.what.map((fact) => WORDS[fact]).join(', ')}`);
    lines.push(`  a ${stepText(first.a)}`, `  b ${stepText(first.b)}`);
  }
  if (longer !== null) lines.push(`${longer} goes on from there, ${longer === 'a' ? 'b' : 'a'} does not`);
  if (a.weightsSha256 !== null && b.weightsSha256 !== null) {
    lines.push(
      a.weightsSha256 === b.weightsSha256
        ? `the same weights, SHA-256 ${a.weightsSha256}`
        : `other weights: SHA-256 ${a.weightsSha256} and ${b.weightsSha256}`,
    );
  }
  return lines.join('\n');
}

function stepText(step: LedgerStep | null): string {
  if (step === null) return 'missing';
  const { samples, learningRate, loss, digest } = step;
  return `${samples} samples, learning rate ${learningRate}, loss ${loss}, digest ${digest ?? 'none'}`;
}
