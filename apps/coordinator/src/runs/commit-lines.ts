import type { Evaluation, Report } from '#contracts';
import type { MetricsLine } from '../storage/run-files.js';
import type { JournalEntry } from './run-events.js';

/** What a worker says was committed. */
export type CommitReport = Extract<Report, { kind: 'steps' | 'evaluation' | 'evaluation-part' }>;

/** The lines of metrics.jsonl that a report makes. */
export function metricsLines(report: CommitReport): MetricsLine[] {
  const { incarnation } = report;
  switch (report.kind) {
    case 'steps':
      return report.steps.map((step) => ({ kind: 'step', incarnation, step }));
    case 'evaluation':
      return [{ kind: 'evaluation', incarnation, evaluation: report.evaluation }];
    case 'evaluation-part':
      return [{ kind: 'part', incarnation, part: report.part }];
  }
}

/** The line of the journal about an evaluation. */
export function evaluated(evaluation: Evaluation, at: number): JournalEntry {
  const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
  const top5 = evaluation.top5Accuracy === undefined ? '' : `, top-5 ${percent(evaluation.top5Accuracy)}`;
  const message = `epoch ${evaluation.epoch + 1}: validation accuracy ${percent(evaluation.accuracy)}${top5}, loss ${evaluation.loss.toFixed(4)}`;
  return { at, level: 'info', topic: 'evaluation', message };
}

/** The line of the journal about a line of metrics that does not fit what is known. */
export function complaint(
  line: MetricsLine,
  outcome: 'differs' | 'misplaced',
  { workerId, at }: { readonly workerId: string; readonly at: number },
): JournalEntry {
  const what = nameOf(line);
  const message =
    outcome === 'differs'
      ? `${what} was computed again (incarnation ${line.incarnation}, worker ${workerId}) and has other bits than before`
      : `worker ${workerId} reports ${what}, which is no such round of this run; it is left out`;
  return { at, level: 'warning', topic: 'data', message };
}

function nameOf(line: MetricsLine): string {
  switch (line.kind) {
    case 'step':
      return `step ${line.step.step}`;
    case 'evaluation':
      return `the evaluation of epoch ${line.evaluation.epoch}`;
    case 'part':
      return `part ${line.part.round}`;
    case 'progress':
      return 'progress';
  }
}
