import type { RunView, WorkerHeartbeat } from '#contracts';
import type { TrainingRun } from './live-run.js';
import { shownCheckpoints } from './kept-checkpoints.js';
import { runProgress } from './run-progress.js';
import { shardCachesOf } from './shard-caches.js';

/**
 * A run as the API shows it. `workers`: the heartbeats of the workers alive now; `whyRunsWait`: what keeps the coordinator
 * from looking after runs, which is the reason of all that are not over.
 */
export function runView(
  run: TrainingRun,
  workers: readonly WorkerHeartbeat[],
  now: number,
  whyRunsWait: string | null = null,
): RunView {
  const { record } = run;
  const commits = run.loadedDetail?.training;
  const shown = commits
    ? {
        progress: runProgress(record, commits, now),
        ledger: commits.ledgerView(),
        ...run.loadedDetail?.journal.warnings.view(),
      }
    : record.summary;
  if (shown === null) throw new Error(`bug: run ${record.id} has neither detail nor summary`);
  const driving = workers.filter((worker) => worker.runId === record.id && worker.incarnation === record.incarnation);
  return {
    id: record.id,
    spec: record.spec,
    state: record.state,
    reason: (run.isOver || record.state === 'paused' ? null : whyRunsWait) ?? record.reason,
    createdAt: record.createdAt,
    startedAt: record.startedAt,
    finishedAt: record.finishedAt,
    incarnation: record.incarnation,
    progress: shown.progress,
    dataset: record.dataset,
    lanes: Array.from({ length: record.spec.lanes }, (_, lane) => ({
      lane,
      workerId: driving.find((worker) => worker.lanes.includes(lane))?.workerId ?? null,
    })),
    workers: record.assigned.map(({ workerId }) => workerId),
    stragglerReport: [...run.stragglerReport],
    shardCaches: shardCachesOf(driving),
    fingerprint: record.fingerprint,
    mixedFromStep: record.mixedFromStep,
    fastFromStep: record.fastFromStep,
    ledger: shown.ledger,
    checkpoints: shownCheckpoints(record.checkpoints, record.spec.checkpoint.keep),
    weightsSha256: record.weightsSha256,
    stopped: record.stopped,
    studyId: record.study?.id ?? null,
    origin: record.origin,
    tags: record.tags,
    notes: record.notes,
    isArchived: record.isArchived,
    numWarnings: shown.numWarnings ?? 0,
    warnings: shown.warnings ?? [],
  };
}
