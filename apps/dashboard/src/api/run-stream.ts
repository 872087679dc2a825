import type { RunEvent, RunMetrics, RunView, StepMetrics } from '#contracts';
import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { addEvents } from './journal.js';
import { appendSteps, isTooLong } from './live-metrics.js';
import { metricsKey, runKey, runPath } from './queries.js';

export type StreamStatus = 'connecting' | 'live' | 'reconnecting';

export interface RunStream {
  readonly status: StreamStatus;
  readonly events: readonly RunEvent[];
}

/** A long journal arrives as one burst of messages: gathered, it costs one render. */
const GATHER_MS = 100;
/** EventSource gives up for good on an HTTP error; then it is opened anew. */
const REOPEN_MS = 2000;

interface StreamListeners {
  readonly onStatus: (status: StreamStatus) => void;
  readonly onEvents: (events: readonly RunEvent[]) => void;
}

/** The run's event stream: journal lines in state, progress and steps straight into the query cache. */
export function useRunStream(id: string): RunStream {
  const client = useQueryClient();
  const [status, setStatus] = useState<StreamStatus>('connecting');
  const [events, setEvents] = useState<readonly RunEvent[]>([]);
  useEffect(
    () =>
      openStream(id, client, {
        onStatus: setStatus,
        onEvents: (arrived) => setEvents((known) => addEvents(known, arrived)),
      }),
    [id, client],
  );
  return { status, events };
}

function openStream(id: string, client: QueryClient, listeners: StreamListeners): () => void {
  let source: EventSource | null = null;
  let reopenTimer: ReturnType<typeof setTimeout> | undefined;
  let gatherTimer: ReturnType<typeof setTimeout> | undefined;
  let gathered: RunEvent[] = [];

  const refetch = (): void => {
    void client.invalidateQueries({ queryKey: runKey(id) });
    void client.invalidateQueries({ queryKey: metricsKey(id) });
  };
  const flush = (): void => {
    gatherTimer = undefined;
    listeners.onEvents(gathered);
    // Evaluations travel in the metrics only; a change of state may have changed everything.
    if (gathered.some((event) => event.topic !== 'worker' && event.topic !== 'lanes')) refetch();
    gathered = [];
  };
  const open = (): void => {
    const opened = new EventSource(`${runPath(id)}/events`);
    source = opened;
    opened.addEventListener('open', () => {
      listeners.onStatus('live');
      // Steps committed between the first fetch, or the interruption, and this moment are in neither.
      refetch();
    });
    opened.addEventListener('error', () => {
      listeners.onStatus('reconnecting');
      void client.invalidateQueries({ queryKey: runKey(id) });
      if (opened.readyState === EventSource.CLOSED) reopenTimer = setTimeout(open, REOPEN_MS);
    });
    opened.addEventListener('journal', (message: MessageEvent<string>) => {
      gathered.push(JSON.parse(message.data) as RunEvent);
      gatherTimer ??= setTimeout(flush, GATHER_MS);
    });
    opened.addEventListener('progress', (message: MessageEvent<string>) => {
      client.setQueryData(runKey(id), JSON.parse(message.data) as RunView);
    });
    opened.addEventListener('steps', (message: MessageEvent<string>) => {
      const steps = JSON.parse(message.data) as StepMetrics[];
      const metrics = client.setQueryData<RunMetrics>(metricsKey(id), (known) => known && appendSteps(known, steps));
      const isAsked = client.isFetching({ queryKey: metricsKey(id) }) > 0;
      if (metrics !== undefined && isTooLong(metrics) && !isAsked)
        void client.invalidateQueries({ queryKey: metricsKey(id) });
    });
  };

  open();
  return () => {
    clearTimeout(reopenTimer);
    clearTimeout(gatherTimer);
    source?.close();
  };
}
