import { printableLines, type StudyView } from '#contracts';
import type { CommandIo, ProgressTerminal } from '../../action/command-io.js';
import { changedTrials, headline, progressLines } from './study-text.js';

/** Shows how a study goes on: a table that is drawn over on a terminal, else plain lines. */
export interface StudyDisplay {
  show(study: StudyView): void;
  /** A line that stays. */
  note(line: string): void;
}

/** Between two plain lines that say how far the study is; what became of a run is said at once. */
const PLAIN_INTERVAL_MS = 30_000;

export function studyDisplay(io: CommandIo, now: () => number = () => performance.now()): StudyDisplay {
  return io.terminal === null ? plainDisplay(io, now) : tableDisplay(io.terminal);
}

function tableDisplay(terminal: ProgressTerminal): StudyDisplay {
  let numDrawn = 0;
  const clear = (): string => (numDrawn === 0 ? '' : `\x1b[${numDrawn}F\x1b[J`);
  let shown: readonly string[] = [];
  const draw = (above: string): void => {
    terminal.write(`${clear()}${above}${shown.map((line) => `${line}\n`).join('')}`);
    numDrawn = shown.length;
  };
  return {
    show: (study) => {
      shown = progressLines(study, Math.max(20, (terminal.columns ?? 80) - 1));
      draw('');
    },
    note: (line) => draw(`${printableLines(line)}\n`),
  };
}

function plainDisplay(io: CommandIo, now: () => number): StudyDisplay {
  let before: StudyView | null = null;
  let saidAt = Number.NEGATIVE_INFINITY;
  return {
    show: (study) => {
      for (const line of changedTrials(before, study)) io.err(line);
      before = study;
      if (now() - saidAt < PLAIN_INTERVAL_MS) return;
      saidAt = now();
      io.err(headline(study));
    },
    note: (line) => io.err(line),
  };
}
