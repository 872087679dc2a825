import type { ServerLink } from './server-link.js';

/** The ranges of servers that are away move to others, and back: each server is asked for what it is to take over now. */
export function askForTakeovers(links: readonly ServerLink[]): void {
  for (const [index, homes] of takeoversOf(links.map(({ isJoined }) => isJoined))) links[index]?.takeOver(homes);
}

/**
 * Which server stands in for which: for each server that is not joined, the next joined one in the ring takes over its
 * range. Returns per joined server the ranges it takes over, ascending; empty where none is joined.
 */
export function takeoversOf(isJoined: readonly boolean[]): ReadonlyMap<number, readonly number[]> {
  const takenOver = new Map<number, number[]>();
  for (const [index, joined] of isJoined.entries()) if (joined) takenOver.set(index, []);
  for (const [home, joined] of isJoined.entries()) {
    if (joined) continue;
    const offset = isJoined.findIndex((_, step) => isJoined[(home + step) % isJoined.length]);
    if (offset !== -1) takenOver.get((home + offset) % isJoined.length)?.push(home);
  }
  return takenOver;
}
