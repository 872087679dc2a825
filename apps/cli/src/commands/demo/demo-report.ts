import { printable, printableMessage, type RunMetrics, type RunView } from '#contracts';
import { formatDuration, formatRate, formatShare } from '../../output/quantities.js';

/** How the demo ended; printed as the last line with --json. */
export interface DemoReport {
  readonly runId: string;
  readonly state: RunView['state'];
  readonly valAccuracy: number | null;
  readonly weightsSha256: string | null;
  /** Training images over the time from the first committed step to the last, evaluations included. */
  readonly imagesPerSecond: number | null;
  readonly workers: number;
  readonly lanes: number;
}

export function demoReport(run: RunView, metrics: RunMetrics, numWorkers: number): DemoReport {
  return {
    runId: run.id,
    state: run.state,
    valAccuracy: run.progress.valAccuracy,
    weightsSha256: run.weightsSha256,
    imagesPerSecond: overallRate(run, metrics),
    workers: numWorkers,
    lanes: run.spec.lanes,
  };
}

/** The first step is left out of both sums: it waits for the workers to start. */
function overallRate(run: RunView, metrics: RunMetrics): number | null {
  const first = metrics.steps[0];
  const last = metrics.steps.at(-1);
  if (first === undefined || last === undefined || last.at <= first.at) return null;
  const numSamples = run.ledger.reduce((sum, epoch) => sum + epoch.samples, 0) - first.samples;
  return Math.round((numSamples / (last.at - first.at)) * 10_000) / 10;
}

export function demoReportText(report: DemoReport, run: RunView, url: string): string {
  const rows: [string, string][] = [
    ['run', `${report.runId}, ${report.state}${run.reason === null ? '' : `: ${printableMessage(run.reason)}`}`],
    ['validation accuracy', formatShare(report.valAccuracy, 2)],
    ['images/s', `${formatRate(report.imagesPerSecond)} with ${report.workers} worker(s) and ${report.lanes} lanes`],
  ];
  if (run.startedAt !== null && run.finishedAt !== null) {
    rows.push(['trained for', formatDuration((run.finishedAt - run.startedAt) / 1000)]);
  }
  const last = run.checkpoints.at(-1);
  if (last !== undefined) rows.push(['checkpoint', printable(last.directory)]);
  if (report.weightsSha256 !== null)
    rows.push(['weights SHA-256', `${report.weightsSha256} (downloaded and verified)`]);
  rows.push(['dashboard', `${url}/, as long as the stack runs; npm start brings it back with this run`]);
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, value]) => `${label.padEnd(width)}  ${value}`).join('\n');
}
