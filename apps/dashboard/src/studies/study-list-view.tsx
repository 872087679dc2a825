import type { StudySummary } from '#contracts';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { studyListQuery } from '../api/studies.js';
import { type Column, DataTable } from '../components/data-table.js';
import { Notice } from '../components/notice.js';
import { Pager } from '../components/pager.js';
import { Skeleton } from '../components/skeleton.js';
import { StateBadge } from '../components/state-badge.js';
import { UnreadableRecords } from '../components/unreadable-records.js';
import { useNow } from '../components/use-now.js';
import { useTitle } from '../components/use-title.js';
import { formatAgo, formatDuration } from '../format/format.js';

/** All studies, newest first; the page is kept in the address. */
export function StudyListView() {
  useTitle('Studies');
  const [search, setSearch] = useSearchParams();
  const page = Math.max(0, Number.parseInt(search.get('page') ?? '0', 10) || 0);
  return (
    <>
      <div className="page-head">
        <h1>Studies</h1>
      </div>
      <Studies page={page} onPage={(next) => setSearch(next === 0 ? {} : { page: String(next) })} />
    </>
  );
}

interface StudiesProps {
  readonly page: number;
  readonly onPage: (page: number) => void;
}

function Studies({ page, onPage }: StudiesProps) {
  const { data, error } = useQuery(studyListQuery(page));
  const now = useNow();
  if (data === undefined) {
    return error === null ? (
      <Skeleton label="Loading the studies" rows={4} />
    ) : (
      <Notice tone="error" title={error.message} />
    );
  }
  const unreadable = <UnreadableRecords what="studies" records={data.unreadable} />;
  if (data.studies.length === 0 && page === 0) {
    return (
      <>
        {unreadable}
        <Notice tone="quiet" title="No studies yet">
          <p>
            A study trains a grid of specs and compares them: submit one with <code>skiplane study FILE</code>, or by{' '}
            <code>POST /v1/studies</code>.
          </p>
        </Notice>
      </>
    );
  }
  return (
    <>
      {unreadable}
      <DataTable label="Studies" columns={columnsAt(now)} rows={data.studies} keyOf={({ id }) => id} />
      <Pager page={page} offset={data.offset} numShown={data.studies.length} total={data.total} onPage={onPage} />
    </>
  );
}

function columnsAt(now: number): readonly Column<StudySummary>[] {
  return [
    {
      title: 'Study',
      isHeading: true,
      width: '40%',
      render: ({ id, name, createdAt }) => (
        <>
          <Link className="row-link" to={`/studies/${id}`}>
            {name}
          </Link>
          <span className="row-sub">
            <time title={new Date(createdAt).toLocaleString()}>{formatAgo(createdAt, now)}</time>
          </span>
        </>
      ),
    },
    { title: 'State', render: ({ state }) => <StateBadge state={state} /> },
    { title: 'Finished', isNumeric: true, render: ({ numFinished, numRuns }) => `${numFinished} of ${numRuns}` },
    { title: 'Failed', isNumeric: true, render: ({ numFailed }) => numFailed },
    {
      title: 'Took',
      isNumeric: true,
      render: ({ createdAt, finishedAt }) => formatDuration(((finishedAt ?? now) - createdAt) / 1000),
    },
  ];
}
