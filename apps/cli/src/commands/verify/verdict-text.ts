import { printable, printableMessage, type RunView } from '#contracts';
import { table } from '../../output/table.js';
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
  const early = run.stopped === null ? '' : `, stopped early: ${run.stopped.reason}`;
  const head = `${run.id}, ${run.state}: ${ledger.steps} of ${run.progress.totalSteps} steps${printable(early)}`;
  const whole = faults.length === 0 ? ['ledger: right, every step once and in order'] : faults;
  const { mixedFromStep: mixed, fastFromStep: fast } = run;
  const bits = [
    ...(mixed === null ? [] : [`bits: not promised from step ${mixed} on, where other devices joined`]),
    ...(fast === null ? [] : [`bits: not promised from step ${fast} on, where GPUs compute with fast bits`]),
  ];
  const drawn =
    ledger.epochOf === 'draws' ? ['samples: drawn by class, so an epoch has some more than once and others not'] : [];
  const body = rows.length > 0 ? [table(columns, rows)] : [];
  return [head, ...body, ...whole, ...drawn, ...bits, weightsText(weights)].join('\n');
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
