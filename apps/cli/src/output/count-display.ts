/** Shows that long work goes on, and how far it is. */
export interface CountDisplay extends Disposable {
  /** Takes the words anew; they are not shown each time. */
  show(words: () => string): void;
}

export interface CountDisplayOptions {
  /** Where a line is drawn over; null: `note` gets plain lines, more seldom. */
  readonly terminal: NodeJS.WritableStream | null;
  readonly note: (line: string) => void;
  /** Milliseconds that only grow. Default performance.now. */
  readonly now?: () => number;
}

const DRAWN_EVERY_MS = 200;
const NOTED_EVERY_MS = 5_000;

/** On a terminal a line that is drawn over and vanishes at the end, elsewhere a plain line every five seconds. */
export function countDisplay(options: CountDisplayOptions): CountDisplay {
  const { terminal, note, now = () => performance.now() } = options;
  const everyMs = terminal === null ? NOTED_EVERY_MS : DRAWN_EVERY_MS;
  // Short work says nothing.
  let shownAt = now();
  let isDrawn = false;
  return {
    show: (words) => {
      if (now() - shownAt < everyMs) return;
      shownAt = now();
      if (terminal === null) note(words());
      else terminal.write(`\r\x1b[K${words()}`);
      isDrawn = terminal !== null;
    },
    [Symbol.dispose]: () => {
      if (isDrawn) terminal?.write('\r\x1b[K');
      isDrawn = false;
    },
  };
}
