import { useConnection } from '../api/use-connection.js';
import { formatAgo } from '../format/format.js';
import { useNow } from '../components/use-now.js';

/** Over the foot of the page while the coordinator does not answer; it covers nothing else and moves nothing. */
export function ConnectionBanner() {
  const { status } = useConnection();
  return (
    <div className="banner-place" role="status" aria-live="assertive">
      {status === 'offline' ? <OfflineBanner /> : null}
    </div>
  );
}

function OfflineBanner() {
  const { lastAnswerAt } = useConnection();
  const now = useNow();
  const age =
    lastAnswerAt === null ? 'It has not answered yet.' : `What you see is from ${formatAgo(lastAnswerAt, now)}.`;
  return (
    <p className="banner">
      <span className="spinner" aria-hidden="true" />
      <span>
        <b>Coordinator not reachable.</b> <span aria-live="off">{age}</span> Workers can go on without it. Trying again…
      </span>
    </p>
  );
}
