import { printable, type UnreadableRecord } from '#contracts';
import type { CommandIo } from '../action/command-io.js';

/** Names the records that a list cannot show. */
export function tellUnreadable(io: Pick<CommandIo, 'err'>, records: readonly UnreadableRecord[]): void {
  for (const { id, reason } of records) {
    io.err(`${printable(id)} cannot be read and is left as it is: ${printable(reason)}`);
  }
}
