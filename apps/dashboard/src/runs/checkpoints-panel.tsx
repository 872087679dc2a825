import type { RunView, ShownCheckpoint } from '#contracts';
import { Link } from 'react-router';
import { runPath } from '../api/queries.js';
import { formatAgo, formatBytes, formatCount } from '../format/format.js';
import { type Column, DataTable } from '../components/data-table.js';
import { Digest } from '../components/digest.js';
import { ExportLinks } from './export-links.js';
import { figureWords } from './stop-words.js';
import { useNow } from '../components/use-now.js';

/** Checkpoints on disk, newest first, and the final weights once there are some. */
export function CheckpointsPanel({ run }: { readonly run: RunView }) {
  const now = useNow();
  const rows = run.checkpoints.toReversed();
  const columns: readonly Column<ShownCheckpoint>[] = [
    { title: 'Step', render: (row) => <CheckpointStep checkpoint={row} /> },
    {
      title: 'Written',
      render: (row) => <time title={new Date(row.at).toLocaleString()}>{formatAgo(row.at, now)}</time>,
    },
    { title: 'SHA-256', render: (row) => <Digest value={row.weightsSha256} name={`SHA-256 of step ${row.step}`} /> },
    { title: 'Size', isNumeric: true, render: (row) => formatBytes(row.sizeBytes) },
    {
      title: 'Use',
      render: (row) => (
        <span className="links">
          <a href={weightsPath(run.id, row.step)} download aria-label={`Download weights of step ${row.step}`}>
            Download
          </a>
          {row.averageSha256 === undefined ? null : (
            <a href={averagePath(run.id, row.step)} download aria-label={`Download average of step ${row.step}`}>
              Average
            </a>
          )}
          <Link
            to={`/new?from=${encodeURIComponent(run.id)}&checkpoint=${row.step}`}
            aria-label={`Resume from step ${row.step} as a new run`}
          >
            Resume
          </Link>
        </span>
      ),
    },
  ];
  return (
    <section className="panel" aria-labelledby="checkpoints-title">
      <header className="panel-head">
        <h2 id="checkpoints-title">Checkpoints</h2>
        <span className="chart-place">
          every {formatCount(run.spec.checkpoint.everySteps)} steps,{' '}
          {run.spec.checkpoint.keep === 'best' ? 'the newest and the best' : run.spec.checkpoint.keep} kept
          {run.spec.checkpoint.store === undefined ? '' : `, in ${run.spec.checkpoint.store}`}
        </span>
      </header>
      {rows.length === 0 ? (
        <p className="muted">None yet.</p>
      ) : (
        <DataTable label="Checkpoints" columns={columns} rows={rows} keyOf={(row) => String(row.step)} />
      )}
      <ExportLinks run={run} />
    </section>
  );
}

/** The step, and of the best checkpoint its figure. */
function CheckpointStep({ checkpoint }: { readonly checkpoint: ShownCheckpoint }) {
  const { step, isBest, figure } = checkpoint;
  return (
    <>
      {formatCount(step)}
      {isBest ? <span className="tag best">best{figure === undefined ? '' : `: ${figureWords(figure)}`}</span> : null}
    </>
  );
}

export function weightsPath(runId: string, step: number): string {
  return `${runPath(runId)}/checkpoints/${step}/weights.safetensors`;
}

/** Of checkpoints with an `averageSha256`. */
export function averagePath(runId: string, step: number): string {
  return `${runPath(runId)}/checkpoints/${step}/average.safetensors`;
}
