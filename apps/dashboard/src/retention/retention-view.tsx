import type { DueRun, RetentionView as Retention } from '#contracts';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { retentionQuery } from '../api/retention.js';
import { type Column, DataTable } from '../components/data-table.js';
import { ErrorNotice } from '../components/error-notice.js';
import { Notice } from '../components/notice.js';
import { Pager } from '../components/pager.js';
import { Skeleton } from '../components/skeleton.js';
import { StateBadge } from '../components/state-badge.js';
import { useNow } from '../components/use-now.js';
import { useTitle } from '../components/use-title.js';
import { formatAgo, formatCount, formatDuration } from '../format/format.js';

/** `/retention`: which runs are deleted by their age, and when. */
export function RetentionView() {
  useTitle('Retention');
  const [search, setSearch] = useSearchParams();
  const page = Math.max(0, Number.parseInt(search.get('page') ?? '0', 10) || 0);
  const { data, error } = useQuery(retentionQuery(page));
  const now = useNow();
  return (
    <>
      <div className="page-head">
        <h1>Retention</h1>
      </div>
      {data === undefined ? (
        error === null ? (
          <Skeleton label="Loading the retention" rows={4} />
        ) : (
          <ErrorNotice error={error} />
        )
      ) : (
        <>
          <Rules retention={data} />
          <DueRuns retention={data} now={now} />
          <Pager
            page={page}
            offset={data.offset}
            numShown={data.runs.length}
            total={data.total}
            onPage={(next) => setSearch(next === 0 ? {} : { page: String(next) })}
          />
        </>
      )}
    </>
  );
}

function Rules({ retention }: { readonly retention: Retention }) {
  const { rules, numExempt } = retention;
  if (rules.length === 0) {
    return (
      <Notice tone="quiet" title="Nothing is deleted by its age">
        <p>
          <code>SKIPLANE_RETENTION=finished=180d,failed=30d</code> in the coordinator’s environment would delete
          finished runs after 180 days and failed ones after 30.
        </p>
      </Notice>
    );
  }
  const words = rules.map(({ state, afterMs }) => `${state} runs after ${formatDuration(afterMs / 1000)}`);
  return (
    <p className="intro">
      The coordinator deletes {words.join(', ')}, counted from their end. Archived runs and runs tagged{' '}
      <code>keep</code> stay: {formatCount(numExempt)} of those that a rule would take.
    </p>
  );
}

function DueRuns({ retention, now }: { readonly retention: Retention; readonly now: number }) {
  if (retention.rules.length === 0) return null;
  if (retention.total === 0) return <Notice tone="quiet" title="No run is due" />;
  return <DataTable label="Runs to be deleted" columns={columnsAt(now)} rows={retention.runs} keyOf={({ id }) => id} />;
}

function columnsAt(now: number): readonly Column<DueRun>[] {
  return [
    {
      title: 'Run',
      isHeading: true,
      width: '40%',
      render: ({ id, name, finishedAt }) => (
        <>
          <Link className="row-link" to={`/runs/${id}`}>
            {name}
          </Link>
          <span className="row-sub">
            ended <time title={new Date(finishedAt).toLocaleString()}>{formatAgo(finishedAt, now)}</time>
          </span>
        </>
      ),
    },
    { title: 'State', render: ({ state }) => <StateBadge state={state} /> },
    {
      title: 'Deleted',
      render: ({ deletedAt, obstacle }) => (
        <>
          <time title={new Date(deletedAt).toLocaleString()}>
            {deletedAt <= now ? 'at the next look' : `in ${formatDuration((deletedAt - now) / 1000)}`}
          </time>
          {obstacle === null ? null : <span className="reason">{obstacle}</span>}
        </>
      ),
    },
  ];
}
