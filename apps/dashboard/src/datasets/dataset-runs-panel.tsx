import type { DatasetView } from '#contracts';
import { Link } from 'react-router';
import { type Column, DataTable } from '../components/data-table.js';
import { StateBadge } from '../components/state-badge.js';
import { useNow } from '../components/use-now.js';
import { formatAgo, formatCount } from '../format/format.js';

type Run = DatasetView['runs'][number];

/** The runs that name the data set, the newest first. */
export function DatasetRunsPanel({ dataset }: { readonly dataset: DatasetView }) {
  const now = useNow();
  const { runs, numRuns } = dataset;
  return (
    <section className="panel" aria-labelledby="dataset-runs-title">
      <header className="panel-head">
        <h2 id="dataset-runs-title">Runs</h2>
        <span className="chart-place">
          {numRuns > runs.length ? `the newest ${formatCount(runs.length)} of ${formatCount(numRuns)}` : null}
        </span>
      </header>
      {runs.length === 0 ? (
        <p className="muted">No run has named it yet.</p>
      ) : (
        <div className="table-wide" tabIndex={0} role="group" aria-label="Runs of the data set">
          <DataTable label="Runs of the data set" columns={columnsAt(now)} rows={runs} keyOf={({ id }) => id} />
        </div>
      )}
    </section>
  );
}

function columnsAt(now: number): readonly Column<Run>[] {
  return [
    { title: 'Run', render: ({ id, name }) => <Link to={`/runs/${id}`}>{name}</Link> },
    { title: 'State', render: ({ state }) => <StateBadge state={state} /> },
    { title: 'Version', isNumeric: true, render: ({ version }) => version },
    {
      title: 'Submitted',
      render: ({ createdAt }) => <time title={new Date(createdAt).toLocaleString()}>{formatAgo(createdAt, now)}</time>,
    },
  ];
}
