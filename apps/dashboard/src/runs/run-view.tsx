import { useQuery } from '@tanstack/react-query';
import { useParams } from 'react-router';
import { runQuery } from '../api/queries.js';
import { useRunStream } from '../api/run-stream.js';
import { Absent } from '../components/absent.js';
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
  return <Absent what="run" id={id} error={error} list={{ path: '/', title: 'To the list of runs' }} />;
}
