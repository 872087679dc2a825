import type { LogList } from '#contracts';
import { useQuery } from '@tanstack/react-query';
import { NavLink, useParams } from 'react-router';
import { logListQuery } from '../api/logs.js';
import { Notice } from '../components/notice.js';
import { Skeleton } from '../components/skeleton.js';
import { useTitle } from '../components/use-title.js';
import { formatBytes } from '../format/format.js';
import { LogPanel } from './log-panel.js';

/** `/logs`, `/logs/:name`: what each process of the stack has written. */
export function LogsView() {
  const { name } = useParams();
  useTitle(name === undefined ? 'Logs' : `Log of ${name}`);
  const { data, error } = useQuery(logListQuery());
  return (
    <>
      <div className="page-head">
        <h1>Logs</h1>
      </div>
      {data === undefined && error === null ? <Skeleton label="Loading the logs" rows={4} /> : null}
      {data === undefined && error !== null ? <Notice tone="error" title={error.message} /> : null}
      {data === undefined ? null : <Logs list={data} name={name} />}
    </>
  );
}

function Logs({ list, name }: { readonly list: LogList; readonly name: string | undefined }) {
  if (!list.isKept) {
    return (
      <Notice tone="quiet" title="This coordinator knows no logs">
        <p>
          It was not started by <code>skiplane up</code>. In containers: <code>docker compose logs -f worker</code>.
        </p>
      </Notice>
    );
  }
  return (
    <div className="logs">
      <nav className="panel" aria-label="Logs">
        {list.logs.map((log) => (
          <NavLink key={log.name} to={`/logs/${encodeURIComponent(log.name)}`}>
            {log.name} <span className="muted">{formatBytes(log.sizeBytes)}</span>
          </NavLink>
        ))}
      </nav>
      {name === undefined ? <Notice tone="quiet" title="Choose a process" /> : <LogPanel key={name} name={name} />}
    </div>
  );
}
