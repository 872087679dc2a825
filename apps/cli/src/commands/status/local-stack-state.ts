import { join } from 'node:path';
import { FileLock } from '#files';

/** What this folder says of a stack whose coordinator does not answer. */
export interface LocalStackState {
  readonly dataDirectory: string;
  /** The launcher of the stack, `process 42 on host`; null where none runs. */
  readonly launcher: string | null;
}

/** Looks at the lock of the stack whose data lies in SKIPLANE_DATA_DIR. */
export async function localStackState(dataDirectory: string): Promise<LocalStackState> {
  return { dataDirectory, launcher: (await FileLock.holder(join(dataDirectory, 'stack.lock'))) ?? null };
}

export function localStackText({ dataDirectory, launcher }: LocalStackState): string {
  if (launcher === null) return `no stack of ${dataDirectory} runs: start one with skiplane up`;
  return `the stack of ${dataDirectory} runs (${launcher}): its coordinator is down, starts, or listens elsewhere; see skiplane logs coordinator`;
}
