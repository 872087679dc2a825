import { Link } from 'react-router';
import { ApiError } from '../api/http.js';
import { Notice } from './notice.js';
import { Skeleton } from './skeleton.js';

/** What a page shows in place of a run, study or data set that it does not have: not yet, for an error, or because there is none. */
export function Absent(props: {
  readonly what: 'run' | 'study' | 'data set';
  readonly id: string;
  /** Null while it is being asked for. */
  readonly error: Error | null;
  /** Where the ones that there are can be seen. */
  readonly list: { readonly path: string; readonly title: string };
}) {
  const { what, id, error, list } = props;
  if (error === null) return <Skeleton label={`Loading the ${what}`} rows={8} />;
  if (error instanceof ApiError && error.status === 404) {
    return (
      <Notice tone="quiet" title={`There is no ${what} with this ${what === 'data set' ? 'name' : 'id'}`}>
        <p>
          <code>{id}</code> is not known to this coordinator. <Link to={list.path}>{list.title}</Link>
        </p>
      </Notice>
    );
  }
  return <Notice tone="error" title={error.message} />;
}
