/** Ids of Redis streams: `milliseconds-sequence`, by the server's clock. */

/** Milliseconds. */
export function timeOf(id: string): number {
  return Number(id.split('-', 1)[0]);
}

export function isBefore(id: string, other: string): boolean {
  const [time = 0, sequence = 0] = id.split('-').map(Number);
  const [otherTime = 0, otherSequence = 0] = other.split('-').map(Number);
  return time < otherTime || (time === otherTime && sequence < otherSequence);
}
