import { printable, printableMessage, type LedgerStep, type RunView } from '#contracts';
import { table } from '../../output/table.js';
import type { LedgerComparison, StepDifference } from '../diff/diff-ledgers.js';
import type { LedgerVerdict } from './verify-ledger.js';
import type { WeightsVerdict } from './verify-weights.js';

/** What `skiplane verify` found, for people. */
export function verdictText(run: RunView, ledger: LedgerVerdict, weights: WeightsVerdict | null): string {
  const rows = ledger.epochs.map(({ epoch, samples, expected, missing, repeated, leftOut = 0, chain }) => [
    String(epoch + 1),
    `${samples} of ${expected}`,
    String(missing),
    String(repeated),
    String(leftOut),
    chain ?? 'none',
  ]);
  const columns = [
    { title: 'EPOCH', right: true },
    { title: 'SAMPLES', right: true },
    { title: 'MISSING', right: true },
    { title: 'REPEATED', right: true },
    { title: 'LEFT OUT', right: true },
    { title: 'CHAIN' },
  ];
  const faults = ledger.faults.map((fault) => `wrong: ${printable(fault)}`);
  const head = `${run.id}, ${run.state}: ${ledger.steps} of ${run.progress.totalSteps} steps`;
  const whole = faults.length === 0 ? ['ledger: right, every step once and in order'] : faults;
  const { mixedFromStep: mixed, fastFromStep: fast } = run;
  const bits = [
    ...(mixed === null ? [] : [`bits: not promised from step ${mixed} on, where other devices joined`]),
    ...(fast === null ? [] : [`bits: not promised from step ${fast} on, where GPUs compute with fast bits`]),
  ];
  const body = rows.length > 0 ? [table(columns, rows)] : [];
  return [head, ...body, ...whole, ...bits, weightsText(weights)].join('\n');
}

function weightsText(weights: WeightsVerdict | null): string {
  if (weights === null) return 'weights: no checkpoint yet';
  const { step, expected, sha256, verdict, reason } = weights;
  switch (verdict) {
    case 'same':
      return `weights: right, SHA-256 ${sha256} at step ${step}`;
    case 'differs':
      return `wrong: the weights of step ${step} have SHA-256 ${sha256}, the run says ${expected}`;
    case 'unreachable':
      return `weights: not looked at, ${printableMessage(reason ?? 'they cannot be had')}`;
  }
}

const WORDS: Readonly<Record<StepDifference['what'][number], string>> = {
  missing: 'it is missing in one of them',
  samples: 'samples',
  learningRate: 'learning rate',
  loss: 'loss',
  digest: 'digest of the reduced gradient',
};

/** What `skiplane diff` found, for people. */
export function comparisonText(a: RunView, b: RunView, comparison: LedgerComparison): string {
  const { sameSteps, withoutDigest, first, longer } = comparison;
  const lines = [`a ${a.id}, ${a.state}`, `b ${b.id}, ${b.state}`];
  lines.push(sameSteps === 0 ? 'not even the first step is the same' : `the same up to step ${sameSteps}`);
  if (withoutDigest > 0)
    lines.push(`${withoutDigest} of these steps have no digest, their gradients were not compared`);
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
