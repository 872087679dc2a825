import { RUN_STATES, type RunState } from './run-states.js';
import type { RunSummary } from '#contracts';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { runListQuery } from '../api/queries.js';
import { type Column, DataTable } from '../components/data-table.js';
import { Notice } from '../components/notice.js';
import { Pager } from '../components/pager.js';
import { currentEpoch, ProgressBar, shareDone, stepText } from '../components/progress-bar.js';
import { Segmented } from '../components/segmented.js';
import { Skeleton } from '../components/skeleton.js';
import { SubmissionNotices } from './submission-notices.js';
import { StateBadge } from '../components/state-badge.js';
import { UnreadableRecords } from '../components/unreadable-records.js';
import { useNow } from '../components/use-now.js';
import { useTitle } from '../components/use-title.js';
import { formatAgo, formatDuration, formatPercent, formatRate } from '../format/format.js';

const FILTERS = [{ value: 'all', label: 'All' }, ...RUN_STATES.map((state) => ({ value: state, label: state }))];

/** All runs, newest first; filter and page are kept in the address. */
export function RunListView() {
  useTitle('Runs');
  const [search, setSearch] = useSearchParams();
  const state = RUN_STATES.find((known) => known === search.get('state')) ?? null;
  const page = Math.max(0, Number.parseInt(search.get('page') ?? '0', 10) || 0);
  const go = (nextState: string, nextPage: number): void =>
    setSearch({
      ...(nextState === 'all' ? {} : { state: nextState }),
      ...(nextPage === 0 ? {} : { page: String(nextPage) }),
    });
  return (
    <>
      <div className="page-head">
        <h1>Runs</h1>
        <Segmented label="State" value={state ?? 'all'} options={FILTERS} onChange={(value) => go(value, 0)} />
        <Link to="/new" className="button primary">
          New run
        </Link>
      </div>
      <SubmissionNotices />
      <RunTable state={state} page={page} onPage={(next) => go(state ?? 'all', next)} />
    </>
  );
}

interface RunTableProps {
  readonly state: RunState | null;
  readonly page: number;
  readonly onPage: (page: number) => void;
}

function RunTable({ state, page, onPage }: RunTableProps) {
  const { data, error } = useQuery(runListQuery(state, page));
  const now = useNow();
  if (data === undefined) {
    return error === null ? (
      <Skeleton label="Loading the runs" rows={6} />
    ) : (
      <Notice tone="error" title={error.message} />
    );
  }
  const unreadable = <UnreadableRecords what="runs" records={data.unreadable} />;
  if (data.runs.length === 0) {
    return (
      <>
        {unreadable}
        <NoRuns state={state} />
      </>
    );
  }
  return (
    <>
      {unreadable}
      <DataTable label="Runs" columns={columnsAt(now)} rows={data.runs} keyOf={(run) => run.id} />
      <Pager page={page} offset={data.offset} numShown={data.runs.length} total={data.total} onPage={onPage} />
    </>
  );
}

function NoRuns({ state }: { readonly state: RunState | null }) {
  if (state !== null) return <Notice tone="quiet" title={`No run is ${state}`} />;
  return (
    <Notice tone="quiet" title="No runs yet">
      <p>
        <Link to="/new">Submit one here</Link>, with <code>skiplane submit</code>, or by <code>POST /v1/runs</code>.
      </p>
    </Notice>
  );
}

function columnsAt(now: number): readonly Column<RunSummary>[] {
  return [
    { title: 'Run', isHeading: true, width: '26%', render: (run) => <RunName run={run} now={now} /> },
    {
      title: 'State',
      width: '20%',
      render: (run) => (
        <>
          <StateBadge state={run.state} />
          {run.reason === null ? null : <span className="reason">{run.reason}</span>}
        </>
      ),
    },
    { title: 'Progress', width: '22%', render: (run) => <RunProgress run={run} /> },
    { title: 'Val. accuracy', isNumeric: true, render: (run) => formatPercent(run.progress.valAccuracy) },
    {
      title: 'Images/s',
      isNumeric: true,
      render: (run) => formatRate(run.state === 'running' ? run.progress.imagesPerSecond : null),
    },
    {
      title: 'To go',
      isNumeric: true,
      render: (run) => formatDuration(run.state === 'running' ? run.progress.etaSeconds : null),
    },
    { title: 'Workers', isNumeric: true, render: (run) => run.numWorkers },
  ];
}

function RunName({ run, now }: { readonly run: RunSummary; readonly now: number }) {
  return (
    <>
      <Link className="row-link" to={`/runs/${run.id}`}>
        {run.name}
      </Link>
      <span className="row-sub">
        {run.architecture} · {run.lanes} × {run.laneBatchSize} ·{' '}
        <time title={new Date(run.createdAt).toLocaleString()}>{formatAgo(run.createdAt, now)}</time>
      </span>
    </>
  );
}

function RunProgress({ run }: { readonly run: RunSummary }) {
  const { progress } = run;
  return (
    <div className="row-progress">
      <ProgressBar
        share={shareDone(progress)}
        state={run.state}
        label={`Progress of ${run.name}`}
        text={stepText(progress)}
      />
      <span>
        {Math.floor(shareDone(progress) * 100)} % · epoch {currentEpoch(progress)} of {progress.epochs}
      </span>
    </div>
  );
}
