import type { RunView } from '#contracts';

/** The newest warnings and errors of the run's journal, the newest first; nothing where there are none. */
export function WarningsPanel({ run }: { readonly run: RunView }) {
  if (run.numWarnings === 0) return null;
  const isCut = run.numWarnings > run.warnings.length;
  return (
    <section className="panel events warnings" aria-labelledby="warnings-title">
      <header className="panel-head">
        <h2 id="warnings-title">Warnings</h2>
        <span className="muted">
          {isCut ? `${run.numWarnings}, the newest ${run.warnings.length}` : run.numWarnings}
        </span>
      </header>
      <ol>
        {run.warnings.toReversed().map((event) => (
          <li key={event.id} data-level={event.level}>
            <time dateTime={new Date(event.at).toISOString()}>{new Date(event.at).toLocaleString('en-GB')}</time>
            <span className="event-topic">{`${event.topic} · ${event.level}`}</span>
            <span className="event-message">{event.message}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
