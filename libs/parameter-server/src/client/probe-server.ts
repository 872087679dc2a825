import { askServer, type AskedServer } from './ask-server.js';

/**
 * Connects and waits for the server's first frame; needs no token. Resolves with the server's version, null where it does
 * not say. Rejects with RecoverableError where nothing answers, or something else than a parameter server of this wire format.
 */
export async function probeServer(server: AskedServer): Promise<string | null> {
  const { version } = await askServer(
    server,
    (frame) => (frame.type === 'hello' ? { version: frame.version ?? null } : undefined),
    (reason) => reason?.message ?? 'it closes the connection',
  );
  return version;
}
