import { setTimeout as delay } from 'node:timers/promises';
import { printableMessage, type StudyView } from '#contracts';
import { UnreachableError } from '../../api-client/api-errors.js';
import type { CommandIo } from '../../action/command-io.js';
import { EXIT, type ExitCode } from '../../action/exit-codes.js';
import type { SkiplaneClient } from '../../api-client/skiplane-client.js';
import { studyDisplay } from './study-display.js';

export interface WatchStudyOptions {
  readonly signal: AbortSignal;
  /** Between two looks. Default 1,000. */
  readonly pollMs?: number;
  /** Throws when no run gets further for so long. Default: never. */
  readonly stallMs?: number;
}

/** So long a coordinator may be away before the watching ends. */
const GIVE_UP_MS = 600_000;

/** Shows a study until it is over and returns it; throws when the signal aborts. */
export async function watchStudy(
  client: SkiplaneClient,
  id: string,
  io: CommandIo,
  options: WatchStudyOptions,
): Promise<StudyView> {
  const { signal, pollMs = 1_000, stallMs = Number.POSITIVE_INFINITY } = options;
  const display = studyDisplay(io);
  let lostAt: number | null = null;
  let progress = { mark: '', at: performance.now() };
  for (;;) {
    const study = await client.study(id, signal).catch((error: unknown) => {
      if (!(error instanceof UnreachableError)) throw error;
      lostAt ??= performance.now();
      if (performance.now() - lostAt > GIVE_UP_MS) throw error;
      return error;
    });
    if (study instanceof UnreachableError) {
      display.note(`connection lost (${printableMessage(study.message)}); the study goes on, trying again ...`);
    } else {
      lostAt = null;
      display.show(study);
      if (study.state !== 'running') return study;
      const mark = study.trials.map(({ state, step }) => `${state} ${step}`).join();
      if (mark !== progress.mark) progress = { mark, at: performance.now() };
      if (performance.now() - progress.at > stallMs) {
        throw new Error(`no run of the study ${id} got further for ${stallMs / 1000} s`);
      }
    }
    await delay(lostAt === null ? pollMs : pollMs * 5, undefined, { signal });
  }
}

/** Zero only when every run has finished. */
export function studyExitCode({ state, numFinished, numRuns }: StudyView): ExitCode {
  if (state === 'cancelled') return EXIT.cancelled;
  return numFinished === numRuns ? EXIT.ok : EXIT.runFailed;
}
