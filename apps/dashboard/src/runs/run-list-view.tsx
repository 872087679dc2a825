import type { RunSummary } from '#contracts';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { isRefusal } from '../api/http.js';
import { runListQuery } from '../api/queries.js';
import { type Column, DataTable } from '../components/data-table.js';
import { ErrorNotice } from '../components/error-notice.js';
import { Notice } from '../components/notice.js';
import { Pager } from '../components/pager.js';
import { currentEpoch, ProgressBar, shareDone, stepText } from '../components/progress-bar.js';
import { SearchBox } from '../components/search-box.js';
import { Skeleton } from '../components/skeleton.js';
import { SubmissionNotices } from './submission-notices.js';
import { StateBadge } from '../components/state-badge.js';
import { UnreadableRecords } from '../components/unreadable-records.js';
import { useNow } from '../components/use-now.js';
import { useTitle } from '../components/use-title.js';
import { formatAgo, formatCount, formatDuration, formatPercent, formatRate } from '../format/format.js';
import { isNarrow, parseRunFilter, type RunFilter, runFilterQuery } from './run-filter.js';
import { RunFilters } from './run-filters.js';

/** All runs that match the filter; filter and page are kept in the address. */
export function RunListView() {
  useTitle('Runs');
  const [search, setSearch] = useSearchParams();
  const filter = parseRunFilter(search);
  const page = Math.max(0, Number.parseInt(search.get('page') ?? '0', 10) || 0);
  const go = (change: Partial<RunFilter>, nextPage = 0, replace = false): void => {
    const query = runFilterQuery({ ...filter, ...change });
    if (nextPage > 0) query.set('page', String(nextPage));
    setSearch(query, { replace });
  };
  return (
    <>
      <div className="page-head">
        <h1>Runs</h1>
        <SearchBox
          label="Search runs"
          placeholder="name, id, tag or note"
          value={filter.words}
          onSearch={(words) => go({ words }, 0, true)}
        />
        <Link to="/new" className="button primary">
          New run
        </Link>
      </div>
      <RunFilters filter={filter} onFilter={go} />
      <SubmissionNotices />
      <RunTable filter={filter} page={page} onPage={(next) => go({}, next)} onTag={(tag) => go(withTag(filter, tag))} />
    </>
  );
}

function withTag({ tags }: RunFilter, tag: string): Partial<RunFilter> {
  return { tags: [...new Set([...tags, tag])] };
}

interface RunTableProps {
  readonly filter: RunFilter;
  readonly page: number;
  readonly onPage: (page: number) => void;
  readonly onTag: (tag: string) => void;
}

function RunTable({ filter, page, onPage, onTag }: RunTableProps) {
  const { data, error } = useQuery(runListQuery(filter, page));
  const now = useNow();
  if (error !== null && (data === undefined || isRefusal(error))) return <ErrorNotice error={error} />;
  if (data === undefined) return <Skeleton label="Loading the runs" rows={6} />;
  return (
    <>
      <UnreadableRecords what="runs" records={data.unreadable} />
      <p className="visually-hidden" role="status">
        {data.total === 1 ? '1 run' : `${formatCount(data.total)} runs`}
      </p>
      {data.total === 0 ? (
        <NoRuns filter={filter} />
      ) : (
        <DataTable label="Runs" columns={columnsAt(now, onTag)} rows={data.runs} keyOf={(run) => run.id} />
      )}
      <Pager page={page} offset={data.offset} numShown={data.runs.length} total={data.total} onPage={onPage} />
    </>
  );
}

function NoRuns({ filter }: { readonly filter: RunFilter }) {
  if (isNarrow(filter)) {
    return (
      <Notice tone="quiet" title="No run matches">
        <p>
          <Link to="/">Show all runs</Link>
        </p>
      </Notice>
    );
  }
  return (
    <Notice tone="quiet" title="No runs yet">
      <p>
        <Link to="/new">Submit one here</Link>, with <code>skiplane submit</code>, or by <code>POST /v1/runs</code>.
      </p>
    </Notice>
  );
}

function columnsAt(now: number, onTag: (tag: string) => void): readonly Column<RunSummary>[] {
  return [
    { title: 'Run', isHeading: true, width: '26%', render: (run) => <RunName run={run} now={now} onTag={onTag} /> },
    {
      title: 'State',
      width: '20%',
      render: (run) => (
        <>
          <StateBadge state={run.state} />
          {run.isArchived ? <span className="row-sub">archived</span> : null}
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

interface RunNameProps {
  readonly run: RunSummary;
  readonly now: number;
  readonly onTag: (tag: string) => void;
}

function RunName({ run, now, onTag }: RunNameProps) {
  return (
    <>
      <Link className="row-link" to={`/runs/${run.id}`}>
        {run.name}
      </Link>
      <span className="row-sub">
        {run.architecture} · {run.datasetName} · {run.lanes} × {run.laneBatchSize} ·{' '}
        <time title={new Date(run.createdAt).toLocaleString()}>{formatAgo(run.createdAt, now)}</time>
        {run.hasNotes ? ' · notes' : null}
      </span>
      {run.tags.length === 0 ? null : (
        <ul className="tags" aria-label={`Tags of ${run.name}`}>
          {run.tags.map((tag) => (
            <li key={tag}>
              <button type="button" className="tag" title={`Only runs tagged ${tag}`} onClick={() => onTag(tag)}>
                {tag}
              </button>
            </li>
          ))}
        </ul>
      )}
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
