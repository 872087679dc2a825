import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { ApiError } from '../api/http.js';
import { runQuery } from '../api/queries.js';
import { useRunStream } from '../api/run-stream.js';
import { Notice } from '../components/notice.js';
import { Skeleton } from '../components/skeleton.js';
import { useTitle } from '../components/use-title.js';
import { RunPage } from './run-page.js';

/** `/runs/:id`: one run, live. */
export function RunView() {
  const { id = '' } = useParams();
  return <LiveRun key={id} id={id} />;
}

function LiveRun({ id }: { readonly id: string }) {
  const stream = useRunStream(id);
  const { data, error } = useQuery(runQuery(id, stream.status === 'live'));
  useTitle(data?.spec.name ?? 'Run');
  if (data !== undefined) return <RunPage run={data} stream={stream} />;
  if (error === null) return <Skeleton label="Loading the run" rows={8} />;
  if (error instanceof ApiError && error.status === 404) {
    return (
      <Notice tone="quiet" title="There is no run with this id">
        <p>
          <code>{id}</code> is not known to this coordinator. <Link to="/">To the list of runs</Link>
        </p>
      </Notice>
    );
  }
  return <Notice tone="error" title={error.message} />;
}
