import { MultiBar } from 'cli-progress';
import { printableLines, type RunView } from '#contracts';
import type { CommandIo, ProgressTerminal } from '../action/command-io.js';
import { barLine, plainLine } from './progress-line.js';

/** Shows how a run goes on: a bar that is drawn again on a terminal, else a plain line every few seconds. */
export interface ProgressDisplay extends Disposable {
  show(run: RunView): void;
  /** A line that stays, above the bar. */
  note(line: string): void;
}

export interface ProgressDisplayOptions {
  /** Least time between two plain lines of the same state. Default 5,000. */
  readonly plainIntervalMs?: number;
  /** Milliseconds that only grow. Default performance.now. */
  readonly now?: () => number;
}

/** The bar where there is a terminal, plain lines where there is none. */
export function progressDisplay(io: CommandIo, options: ProgressDisplayOptions = {}): ProgressDisplay {
  return io.terminal === null ? plainDisplay(io, options) : barDisplay(io.terminal);
}

function barDisplay(terminal: ProgressTerminal): ProgressDisplay {
  let latest: RunView | null = null;
  const bars = new MultiBar({
    stream: terminal,
    format: () => (latest === null ? '' : barLine(latest, Math.max(20, (terminal.columns ?? 80) - 1))),
    fps: 5,
    hideCursor: true,
    // What changes is the text, which cli-progress does not look at.
    forceRedraw: true,
    // Ctrl-C belongs to the command, which disposes this display.
    gracefulExit: false,
  });
  bars.create(1, 0);
  return {
    show: (run) => {
      latest = run;
    },
    note: (line) => bars.log(`${printableLines(line)}\n`),
    [Symbol.dispose]: () => {
      // Notes wait in a buffer that only an update empties.
      bars.update();
      bars.stop();
    },
  };
}

function plainDisplay(io: CommandIo, options: ProgressDisplayOptions): ProgressDisplay {
  const { plainIntervalMs = 5_000, now = () => performance.now() } = options;
  let shownAt = Number.NEGATIVE_INFINITY;
  let shownState = '';
  let shownLine = '';
  return {
    show: (run) => {
      const state = `${run.state} ${run.reason}`;
      if (state === shownState && now() - shownAt < plainIntervalMs) return;
      const line = plainLine(run);
      if (line === shownLine) return;
      shownAt = now();
      shownState = state;
      shownLine = line;
      io.err(line);
    },
    note: (line) => io.err(line),
    [Symbol.dispose]: () => undefined,
  };
}
