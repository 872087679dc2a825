import type { ServerLink } from './server-link.js';
import { waitFor } from './wait-for.js';

/** A newcomer begins without the servers that have not answered by then; others stand in for them. */
const ALL_SERVERS_MS = 1_000;

/** Waits until all servers have let this worker join, after a second until one has, or until one refuses it. */
export async function waitForServers(
  watchers: Set<() => void>,
  links: readonly ServerLink[],
  {
    isRefused,
    ...options
  }: { readonly isRefused: () => boolean; readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<void> {
  let isGraceOver = false;
  const grace = setTimeout(() => {
    isGraceOver = true;
    for (const watcher of watchers) watcher();
  }, ALL_SERVERS_MS);
  const isJoined = (link: ServerLink): boolean => link.isJoined;
  const isEnough = (): boolean => isRefused() || (isGraceOver ? links.some(isJoined) : links.every(isJoined));
  try {
    const what = `parameter servers ${links.map(({ server }) => server).join(', ')}`;
    await waitFor(watchers, isEnough, { what, ...options });
  } finally {
    clearTimeout(grace);
  }
}
