import type { ProvisionProgress } from '#provision';

/** Draws provisioning: lines, and for downloads one line that is drawn over on a terminal, or every quarter elsewhere. */
export function consoleProgress(
  note: (line: string) => void,
  stream: NodeJS.WriteStream = process.stderr,
): ProvisionProgress {
  const isTerminal = stream.isTTY;
  let isDrawing = false;
  let lastQuarter = -1;
  const line = (text: string): void => {
    if (isDrawing) stream.write('\r\x1b[K');
    isDrawing = false;
    note(text);
  };
  return {
    info: line,
    warn: (text) => line(`warning: ${text}`),
    bytes: (label, done, total) => {
      const share = total === undefined || total === 0 ? undefined : done / total;
      const megabytes = `${(done / 1e6).toFixed(0)}${total === undefined ? '' : ` of ${(total / 1e6).toFixed(0)}`} MB`;
      const text = `${label}: ${share === undefined ? '' : `${Math.floor(share * 100)} %, `}${megabytes}`;
      if (isTerminal) {
        stream.write(`\r\x1b[K${text.slice(0, Math.max(20, stream.columns - 1))}`);
        isDrawing = true;
        if (share === 1) line(text);
        return;
      }
      const quarter = share === undefined ? 0 : Math.floor(share * 4);
      if (quarter <= lastQuarter && quarter !== 0) return;
      if (quarter === 0 && lastQuarter >= 0) return;
      lastQuarter = quarter === 4 ? -1 : quarter;
      note(text);
    },
  };
}
