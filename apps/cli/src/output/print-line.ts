import { printableLines } from '#contracts';
import { hideSecrets } from '#telemetry';

/** Writes a command's result to stdout. Whatever a name or a message in it holds, it cannot command the terminal. */
export function printResult(text: string): void {
  process.stdout.write(`${printableLines(text)}\n`);
}

/** Writes progress and faults to stderr, likewise, and without the password of an address. */
export function printNote(text: string): void {
  process.stderr.write(`${hideSecrets(printableLines(text))}\n`);
}

/** Once nobody reads any more (`skiplane ls | head -1`, a closed terminal), what is written is lost, and that is all. */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    });
  }
}
