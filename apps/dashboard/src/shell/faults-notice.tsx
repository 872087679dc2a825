import type { Fault } from '#contracts';
import { useQuery } from '@tanstack/react-query';
import { healthQuery } from '../api/faults.js';
import { useNow } from '../components/use-now.js';
import { formatAgo } from '../format/format.js';

/** On every page while something is wrong: one line with the number and the worst; it opens to all with what to do. */
export function FaultsNotice() {
  const { data } = useQuery(healthQuery());
  const faults = data?.faults ?? [];
  const [worst] = faults;
  if (worst === undefined) return null;
  return (
    <div className="faults-line" data-severity={worst.severity} role="alert">
      <details>
        <summary>
          <b>{faults.length === 1 ? '1 fault' : `${faults.length} faults`}:</b> <span>{worst.message}</span>
        </summary>
        <FaultList faults={faults} />
      </details>
    </div>
  );
}

function FaultList({ faults }: { readonly faults: readonly Fault[] }) {
  const now = useNow();
  return (
    <ul aria-label="Faults">
      {faults.map((fault) => (
        <li key={`${fault.kind} ${fault.subject}`} data-severity={fault.severity}>
          <p>
            <b>{fault.severity === 'error' ? 'Error' : 'Warning'}</b>: {fault.message}
          </p>
          <p>What to do: {fault.advice}.</p>
          {/* A clock that runs in an alert would be read aloud every second. */}
          <p className="muted" aria-live="off">
            {fault.kind} · {fault.subject} · since {formatAgo(fault.since, now)}
          </p>
        </li>
      ))}
    </ul>
  );
}
