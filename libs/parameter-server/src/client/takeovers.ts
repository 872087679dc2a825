/**
 * Which server stands in for which: for each server that is not joined, the next joined one in the ring adds up its range
 * as well. Returns per joined server the homes it adopts, ascending; empty where none is joined.
 */
export function adoptionsOf(isJoined: readonly boolean[]): ReadonlyMap<number, readonly number[]> {
  const adopted = new Map<number, number[]>();
  for (const [index, joined] of isJoined.entries()) if (joined) adopted.set(index, []);
  for (const [home, joined] of isJoined.entries()) {
    if (joined) continue;
    const offset = isJoined.findIndex((_, step) => isJoined[(home + step) % isJoined.length]);
    if (offset !== -1) adopted.get((home + offset) % isJoined.length)?.push(home);
  }
  return adopted;
}
