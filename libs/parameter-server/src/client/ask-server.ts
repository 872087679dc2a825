import { connect } from 'node:net';
import { RecoverableError } from '#contracts';
import { Connection } from '../wire/connection.js';
import { serverFrameSchema, type ClientFrame, type ServerFrame } from '../wire/frame.schema.js';
import { ProtocolFault } from '../wire/protocol-fault.js';
import { parseAddress } from './server-link.js';

export interface AskedServer {
  /** `host:port`. */
  readonly server: string;
  /** Default 2,000 ms. */
  readonly timeoutMs?: number;
}

/**
 * Connects to a server without joining. `onFrame` may send frames, and returns the answer once it has one; then the
 * connection ends. Rejects with RecoverableError where it ends without an answer; `words` says why.
 */
export async function askServer<Answer>(
  { server, timeoutMs = 2_000 }: AskedServer,
  onFrame: (frame: ServerFrame, connection: Connection<ServerFrame, ClientFrame>) => Answer | undefined,
  words: (reason: Error | null) => string,
): Promise<Answer> {
  const { host, port } = parseAddress(server);
  return await new Promise<Answer>((resolve, reject) => {
    let answer: Answer | undefined;
    const connection = new Connection<ServerFrame, ClientFrame>(connect(port, host), {
      schema: serverFrameSchema,
      headerLimit: () => 4_096,
      destination: (frame) => {
        throw new ProtocolFault('malformed', `a ${frame.type} frame with a payload before joining`);
      },
      frame: (frame) => {
        const found = onFrame(frame, connection);
        if (found === undefined) return;
        answer = found;
        connection.end();
      },
      patienceMs: timeoutMs * 10,
      maxQueuedBytes: 2 ** 20,
      closed: (reason) => {
        clearTimeout(timer);
        if (answer !== undefined) resolve(answer);
        else reject(new RecoverableError(words(reason), { cause: reason }));
      },
    });
    const timer = setTimeout(() => connection.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
}
