import type { CheckResult } from './run-parts.js';
import type { Target } from './target.js';

export interface Report {
  readonly device: string;
  readonly kind: Target['kind'];
  readonly seconds: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly parts: readonly CheckResult[];
}

export function makeReport(target: Target, parts: readonly CheckResult[]): Report {
  const count = (status: CheckResult['status']): number => parts.filter((part) => part.status === status).length;
  return {
    device: target.description,
    kind: target.kind,
    seconds: Math.round(parts.reduce((sum, { seconds }) => sum + seconds, 0)),
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    parts,
  };
}

/** For people: a line a part, what it found below it, and the counts last. */
export function reportText(report: Report): string {
  const lines = report.parts.flatMap(({ name, title, status, seconds, detail }) => [
    `${status.padEnd(8)} ${name.padEnd(14)} ${`${seconds.toFixed(1)} s`.padStart(8)}  ${title}`,
    ...detail.split('\n').map((line) => `${' '.repeat(34)}${line}`),
  ]);
  const skippedToo = report.skipped === 0 ? '' : `, ${report.skipped} skipped`;
  return [
    `${report.device}, ${report.seconds} s`,
    ...lines,
    `${report.passed} passed, ${report.failed} failed${skippedToo}`,
  ].join('\n');
}
