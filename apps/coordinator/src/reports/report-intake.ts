import { Inject, Injectable } from '@nestjs/common';
import type { Report } from '#contracts';
import type { ReceivedReport } from '#queue';
import type { Logger } from '#telemetry';
import { CLOCK, LOGGER } from '../config/settings.js';
import { isTraining, type LiveRun } from '../runs/live-run.js';
import { RunRegistry } from '../runs/run-registry.js';

/**
 * Hands the workers' reports to their runs. Reports of runs that are not known, or no longer, are dropped. What stands in a
 * report is dated anew, by the coordinator's clock: workers' clocks may be off.
 */
@Injectable()
export class ReportIntake {
  readonly #registry: RunRegistry;
  readonly #clock: () => number;
  readonly #logger: Logger;

  constructor(registry: RunRegistry, @Inject(CLOCK) clock: () => number, @Inject(LOGGER) logger: Logger) {
    this.#registry = registry;
    this.#clock = clock;
    this.#logger = logger;
  }

  async take({ report: received, ageMs }: ReceivedReport): Promise<void> {
    const report = dated(received, this.#clock() - ageMs);
    const run = await this.#registry.find(report.runId);
    if (run === undefined || report.incarnation > run.record.incarnation) {
      this.#logger.debug({ event: 'report-dropped', run: report.runId, incarnation: report.incarnation });
      return;
    }
    const at = this.#clock();
    const isCurrent = report.incarnation === run.record.incarnation;
    switch (report.kind) {
      case 'steps':
      case 'evaluation':
      case 'evaluation-part':
        await run.commit(report);
        return;
      case 'straggler-report':
        if (isCurrent) run.stragglersReported(report.workers, at);
        return;
      case 'checkpoint':
        await run.dispatch({ kind: 'checkpointed', at, checkpoint: report.checkpoint });
        return;
      case 'paused':
        if (isCurrent) await run.dispatch({ kind: 'paused', at, message: `paused after ${report.round} rounds` });
        return;
      case 'finished': {
        const { step, weightsSha256, stopped = null } = report;
        // Of whichever incarnation: the last weights are the last weights.
        if (await run.dispatch({ kind: 'finished', at, step, weightsSha256, stopped })) warnOfGaps(run, at);
        return;
      }
      case 'failed':
        if (isCurrent) {
          const { message, notFinite } = report;
          await run.dispatch({ kind: 'failed', at, message, notFinite });
        }
        return;
      case 'note':
        run.note({
          at: report.at,
          level: report.level,
          topic: report.topic,
          message: `${report.workerId}: ${report.message}`,
        });
    }
  }
}

/** A report as of when it was made, by the coordinator's clock; its steps follow one another by their durations. */
function dated(report: Report, madeAt: number): Report {
  switch (report.kind) {
    case 'steps': {
      let at = madeAt;
      const steps = report.steps.toReversed().map((step) => {
        const ended = { ...step, at: Math.round(at) };
        at -= step.durationMs;
        return ended;
      });
      return { ...report, steps: steps.toReversed() };
    }
    case 'evaluation':
      return { ...report, evaluation: { ...report.evaluation, at: Math.round(madeAt) } };
    case 'checkpoint':
      return { ...report, checkpoint: { ...report.checkpoint, at: Math.round(madeAt) } };
    case 'note':
      return { ...report, at: Math.round(madeAt) };
    case 'evaluation-part':
    case 'straggler-report':
    case 'paused':
    case 'finished':
    case 'failed':
      return report;
  }
}

/** Training cannot skip a step, a report can be lost with a Redis that was emptied before it was read. */
function warnOfGaps(run: LiveRun, at: number): void {
  if (!isTraining(run)) return;
  const missing = (run.loadedDetail?.training.ledgerView() ?? []).reduce((sum, row) => sum + row.missing, 0);
  if (missing === 0) return;
  const message = `the reports of ${missing} samples were lost on their way, so the ledger lacks them`;
  run.note({ at, level: 'warning', topic: 'data', message });
}
