import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROCESS_EXITS_FILE, processExitsSchema, type ProcessExits } from '#contracts';
import { isMissing } from '#files';
import type { FaultObserver } from '../fault-observer.js';
import type { FaultFound } from '../open-faults.js';

const WINDOW_MS = 600_000;
const MANY = 3;

export interface CrashLoopSources {
  /** Where a launcher writes down which processes ended; undefined: there is none. */
  readonly logDirectory: string | undefined;
  readonly workerCrashes: () => ReadonlyMap<string, number>;
  readonly clock: () => number;
}

/** Processes that ended again and again in the last ten minutes, as their launcher or the coordinator itself saw. */
export function crashLoopObserver({ logDirectory, workerCrashes, clock }: CrashLoopSources): FaultObserver {
  return {
    kinds: ['crash-loop'],
    async look() {
      const exits = logDirectory === undefined ? [] : await readExits(logDirectory);
      const recent = exits.filter(({ at }) => Math.abs(clock() - at) < WINDOW_MS);
      const found = new Map<string, FaultFound>();
      for (const [subject, count] of workerCrashes()) {
        if (count < MANY) continue;
        const message = `${subject}: workers ended ${count} times in the last 10 min without a goodbye`;
        found.set(subject, { kind: 'crash-loop', subject, message });
      }
      for (const subject of new Set(recent.map(({ name }) => name))) {
        const own = recent.filter(({ name }) => name === subject);
        if (own.length < MANY) continue;
        const message = `${subject} ended ${own.length} times in the last 10 min, most recently it ${own.at(-1)?.reason}`;
        found.set(subject, { kind: 'crash-loop', subject, message });
      }
      return [...found.values()];
    },
  };
}

async function readExits(folder: string): Promise<ProcessExits> {
  const text = await readFile(join(folder, PROCESS_EXITS_FILE), 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return '[]';
    throw error;
  });
  return processExitsSchema.parse(JSON.parse(text));
}
