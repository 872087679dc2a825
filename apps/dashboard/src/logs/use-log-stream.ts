import { useEffect, useState } from 'react';
import { logPath } from '../api/logs.js';

/** Lines kept in the page; the log itself stays on disk. */
const MAX_LINES = 5_000;
/** EventSource gives up for good on an HTTP error; then it is opened anew, where it ended. */
const REOPEN_MS = 2_000;

/** Lines written since `from`, while it is followed. */
export function useLogStream(name: string, from: string | undefined, isFollowing: boolean): readonly string[] {
  const [lines, setLines] = useState<readonly string[]>([]);
  useEffect(() => {
    if (from === undefined || !isFollowing) return undefined;
    setLines([]);
    return openStream(name, from, (arrived) => setLines((known) => [...known, ...arrived].slice(-MAX_LINES)));
  }, [name, from, isFollowing]);
  return lines;
}

function openStream(name: string, from: string, onLines: (lines: readonly string[]) => void): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let position = from;
  const open = (): void => {
    const opened = new EventSource(`${logPath(name)}/follow?from=${encodeURIComponent(position)}`);
    source = opened;
    opened.addEventListener('lines', (message: MessageEvent<string>) => {
      position = message.lastEventId;
      onLines(JSON.parse(message.data) as string[]);
    });
    opened.addEventListener('error', () => {
      if (opened.readyState === EventSource.CLOSED) timer = setTimeout(open, REOPEN_MS);
    });
  };
  open();
  return () => {
    clearTimeout(timer);
    source?.close();
  };
}
