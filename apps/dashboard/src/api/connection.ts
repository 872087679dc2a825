/** Whether the coordinator answers, and whether it lets us in; one store for the whole page. */
export interface Connection {
  readonly status: 'online' | 'offline' | 'unauthorised';
  /** When the coordinator had last answered as this status began, milliseconds since 1970; null before any answer. */
  readonly lastAnswerAt: number | null;
}

type Listener = () => void;

let current: Connection = { status: 'online', lastAnswerAt: null };
let lastAnswerAt: number | null = null;
let clockOffsetMs = 0;
const listeners = new Set<Listener>();

/** Clocks closer than this are taken for equal: an answer is on its way for some time. */
const MIN_CLOCK_OFFSET_MS = 2000;

export function getConnection(): Connection {
  return current;
}

export function subscribeToConnection(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** `time`: the coordinator's, as the answer says it. */
export function reportAnswer(status: 'online' | 'unauthorised', time: string | null): void {
  const offset = time === null ? Number.NaN : Number(time) - Date.now();
  if (!Number.isNaN(offset)) clockOffsetMs = Math.abs(offset) < MIN_CLOCK_OFFSET_MS ? 0 : offset;
  lastAnswerAt = coordinatorNow();
  become(status);
}

export function reportSilence(): void {
  become('offline');
}

/** The coordinator's clock, so that ages are right where the browser's clock is not. */
export function coordinatorNow(): number {
  return Date.now() + clockOffsetMs;
}

function become(status: Connection['status']): void {
  if (status === current.status) return;
  current = { status, lastAnswerAt };
  for (const listener of listeners) listener();
}
