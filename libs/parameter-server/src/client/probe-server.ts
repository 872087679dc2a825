import { connect } from 'node:net';
import { RecoverableError } from '#contracts';
import { Connection } from '../wire/connection.js';
import { serverFrameSchema, type ClientFrame, type ServerFrame } from '../wire/frame.schema.js';
import { ProtocolFault } from '../wire/protocol-fault.js';
import { parseAddress } from './server-link.js';

export interface ServerProbe {
  /** `host:port`. */
  readonly server: string;
  /** Default 2,000 ms. */
  readonly timeoutMs?: number;
}

/**
 * Connects and waits for the server's first frame; needs no token. Resolves with the server's version, null where it does
 * not say. Rejects with RecoverableError where nothing answers, or something else than a parameter server of this wire format.
 */
export async function probeServer({ server, timeoutMs = 2_000 }: ServerProbe): Promise<string | null> {
  const { host, port } = parseAddress(server);
  return await new Promise<string | null>((resolve, reject) => {
    let version: string | null | undefined;
    const connection = new Connection<ServerFrame, ClientFrame>(connect(port, host), {
      schema: serverFrameSchema,
      headerLimit: () => 4_096,
      destination: (frame) => {
        throw new ProtocolFault('malformed', `a ${frame.type} frame with a payload before joining`);
      },
      frame: (frame) => {
        if (frame.type !== 'hello') return;
        version = frame.version ?? null;
        connection.end();
      },
      patienceMs: timeoutMs * 10,
      maxQueuedBytes: 2 ** 20,
      closed: (reason) => {
        clearTimeout(timer);
        if (version !== undefined) resolve(version);
        else reject(new RecoverableError(reason?.message ?? 'it closes the connection', { cause: reason }));
      },
    });
    const timer = setTimeout(() => connection.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
}
