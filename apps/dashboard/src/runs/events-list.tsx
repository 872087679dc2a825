import type { RunEvent } from '#contracts';
import { useState } from 'react';
import type { StreamStatus } from '../api/run-stream.js';
import { Segmented } from '../components/segmented.js';

export interface EventsListProps {
  readonly events: readonly RunEvent[];
  readonly status: StreamStatus;
}

const LEVELS = [
  { value: 'all', label: 'All' },
  { value: 'warning', label: 'Warnings' },
  { value: 'error', label: 'Errors' },
] as const;
type Level = (typeof LEVELS)[number]['value'];

const STATUS_TEXT: Readonly<Record<StreamStatus, string>> = {
  connecting: 'connecting…',
  live: 'live',
  reconnecting: 'reconnecting…',
};

/** The run's journal, newest first. */
export function EventsList({ events, status }: EventsListProps) {
  const [level, setLevel] = useState<Level>('all');
  const shown = events.filter((event) => isShown(event, level)).toReversed();
  return (
    <section className="panel events" aria-labelledby="events-title">
      <header className="panel-head">
        <h2 id="events-title">Events</h2>
        <span className="stream-status" data-status={status}>
          {STATUS_TEXT[status]}
        </span>
        <Segmented label="Level" value={level} options={LEVELS} onChange={setLevel} />
      </header>
      <div className="events-scroll" tabIndex={0} role="log" aria-labelledby="events-title">
        {shown.length === 0 ? (
          <p className="muted">{events.length === 0 ? 'Nothing has happened yet.' : 'No event of this level.'}</p>
        ) : (
          <ol>
            {shown.map((event) => (
              <EventLine key={event.id} event={event} />
            ))}
          </ol>
        )}
      </div>
    </section>
  );
}

function EventLine({ event }: { readonly event: RunEvent }) {
  const at = new Date(event.at);
  return (
    <li data-level={event.level}>
      <time dateTime={at.toISOString()} title={at.toLocaleString()}>
        {at.toLocaleTimeString('en-GB')}
      </time>
      <span className="event-topic">{event.level === 'info' ? event.topic : `${event.topic} · ${event.level}`}</span>
      <span className="event-message">{event.message}</span>
    </li>
  );
}

function isShown(event: RunEvent, level: Level): boolean {
  switch (level) {
    case 'all':
      return true;
    case 'warning':
      return event.level !== 'info';
    case 'error':
      return event.level === 'error';
  }
}
