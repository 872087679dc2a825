import type { WorkerHeartbeat } from '#contracts';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { workersQuery } from '../api/queries.js';
import { type Column, DataTable } from '../components/data-table.js';
import { Digest } from '../components/digest.js';
import { Notice } from '../components/notice.js';
import { Skeleton } from '../components/skeleton.js';
import { useNow } from '../components/use-now.js';
import { useTitle } from '../components/use-title.js';
import { formatAgo, formatBytes, formatCount, formatDuration, UNKNOWN } from '../format/format.js';
import { describeLanes } from '../lanes/lane-rows.js';

/** Heartbeats come every second; one that is older than this is worth a colour. */
const LATE_MS = 5000;

/** `/workers`: who could train, who does, and why the others do not. */
export function WorkersView() {
  useTitle('Workers');
  const { data, error } = useQuery(workersQuery());
  const now = useNow();
  return (
    <>
      <div className="page-head">
        <h1>Workers</h1>
        {data === undefined ? null : <p className="muted">{summaryOf(data)}</p>}
      </div>
      {data === undefined && error === null ? <Skeleton label="Loading the workers" rows={4} /> : null}
      {data === undefined && error !== null ? <Notice tone="error" title={error.message} /> : null}
      {data?.length === 0 ? (
        <Notice tone="quiet" title="No worker is connected">
          <p>
            Workers announce themselves within a second of their start. <code>docker compose up --scale worker=2</code>{' '}
            starts two.
          </p>
        </Notice>
      ) : null}
      {data !== undefined && data.length > 0 ? (
        <DataTable label="Workers" columns={columnsAt(now)} rows={data} keyOf={(worker) => worker.workerId} />
      ) : null}
    </>
  );
}

function summaryOf(workers: readonly WorkerHeartbeat[]): string {
  const numTraining = workers.filter((worker) => worker.lanes.length > 0).length;
  return `${workers.length} connected, ${numTraining} training`;
}

function columnsAt(now: number): readonly Column<WorkerHeartbeat>[] {
  return [
    { title: 'Worker', isHeading: true, render: (worker) => <WorkerName worker={worker} /> },
    {
      title: 'Status',
      render: (worker) => (
        <>
          <span className="badge" data-worker-status={worker.status}>
            <span className="badge-dot" aria-hidden="true" />
            {worker.status.replaceAll('-', ' ')}
          </span>
          {worker.reason === null ? null : <span className="reason">{worker.reason}</span>}
          {worker.clockOffsetMs === undefined ? null : (
            <span className="reason fault">{describeOffset(worker.clockOffsetMs)}</span>
          )}
        </>
      ),
    },
    {
      title: 'Run',
      render: ({ runId, evaluationOf }) => {
        if (runId === null) return <Unknown />;
        if (evaluationOf === undefined) return <Link to={`/runs/${runId}`}>{runId}</Link>;
        return (
          <>
            evaluation of <Link to={`/runs/${evaluationOf}`}>{evaluationOf}</Link>
          </>
        );
      },
    },
    { title: 'Lanes', render: (worker) => (worker.lanes.length === 0 ? <Unknown /> : describeLanes(worker.lanes)) },
    { title: 'Round', isNumeric: true, render: (worker) => formatCount(worker.round) },
    { title: 'Fingerprint', render: (worker) => <Digest value={worker.fingerprint} name="fingerprint" length={64} /> },
    { title: 'Memory', isNumeric: true, render: (worker) => formatBytes(worker.memoryBytes) },
    {
      title: 'Heartbeat',
      isNumeric: true,
      render: (worker) => (
        <span className={now - worker.at > LATE_MS ? 'fault' : undefined}>{formatAgo(worker.at, now)}</span>
      ),
    },
  ];
}

function WorkerName({ worker }: { readonly worker: WorkerHeartbeat }) {
  return (
    <>
      <b className="row-name">{worker.workerId}</b>
      <span className="row-sub">
        {worker.device} · {worker.engines} {worker.engines === 1 ? 'engine' : 'engines'} · {worker.host}:{worker.pid}
      </span>
    </>
  );
}

function describeOffset(offsetMs: number): string {
  return `clock ${formatDuration(Math.abs(offsetMs) / 1000)} ${offsetMs > 0 ? 'ahead' : 'behind'}`;
}

function Unknown() {
  return <span className="muted">{UNKNOWN}</span>;
}
