import { setTimeout as delay } from 'node:timers/promises';
import { readLogFrom, type LogLines, type LogPosition } from './log-reader.js';

const LOOK_EVERY_MS = 500;

export interface FollowOptions {
  readonly from: LogPosition;
  /** Ends the following: it throws the signal's reason. */
  readonly signal: AbortSignal;
  /** Between two looks. Default 500. */
  readonly everyMs?: number;
}

/** Lines as they are written, in batches, for as long as the caller goes on asking; through rotations and truncations. */
export async function* followLog(
  path: string,
  { from, signal, everyMs = LOOK_EVERY_MS }: FollowOptions,
): AsyncGenerator<LogLines, never> {
  let position = from;
  for (;;) {
    signal.throwIfAborted();
    const read = await readLogFrom(path, position);
    position = read.next;
    if (read.lines.length > 0) yield read;
    else await delay(everyMs, undefined, { signal });
  }
}
