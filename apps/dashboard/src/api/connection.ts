/** Whether the coordinator answers, and whether it lets us in; one store for the whole page. */
export interface Connection {
  readonly status: 'online' | 'offline' | 'unauthorised';
  /** When this status began, milliseconds since 1970. */
  readonly since: number;
  /** When the coordinator last answered; null before its first answer. */
  readonly lastAnswerAt: number | null;
}

type Listener = () => void;

let current: Connection = { status: 'online', since: Date.now(), lastAnswerAt: null };
let clockOffsetMs = 0;
const listeners = new Set<Listener>();

/** Clocks closer than this are taken for equal: the Date header has a resolution of a second. */
const MIN_CLOCK_OFFSET_MS = 2000;

export function getConnection(): Connection {
  return current;
}

export function subscribeToConnection(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function reportAnswer(status: 'online' | 'unauthorised', dateHeader: string | null): void {
  const offset = dateHeader === null ? Number.NaN : Date.parse(dateHeader) - Date.now();
  if (!Number.isNaN(offset)) clockOffsetMs = Math.abs(offset) < MIN_CLOCK_OFFSET_MS ? 0 : offset;
  become(status, Date.now());
}

export function reportSilence(): void {
  become('offline', current.lastAnswerAt);
}

/** The coordinator's clock, so that ages are right where the browser's clock is not. */
export function coordinatorNow(): number {
  return Date.now() + clockOffsetMs;
}

function become(status: Connection['status'], lastAnswerAt: number | null): void {
  const hasChanged = status !== current.status;
  // Answers come several times a second: a new object only where a reader would see a difference.
  if (!hasChanged) {
    (current as { lastAnswerAt: number | null }).lastAnswerAt = lastAnswerAt;
    return;
  }
  current = { status, since: Date.now(), lastAnswerAt };
  for (const listener of listeners) listener();
}
