import { connect } from 'node:net';
import { RecoverableError } from '#contracts';
import { Connection } from '../wire/connection.js';
import { serverFrameSchema, type ClientFrame, type ServerFrame } from '../wire/frame.schema.js';
import { macOf } from '../wire/handshake.js';
import { ProtocolFault } from '../wire/protocol-fault.js';
import { parseAddress } from './server-link.js';

export interface HealthCheckOptions {
  /** `host:port`. */
  readonly server: string;
  readonly token: string | null;
  /** Default 2,000 ms. */
  readonly timeoutMs?: number;
}

/** Connects, proves the token and sends a ping. Resolves once it is answered; rejects with RecoverableError. */
export async function checkHealth({ server, token, timeoutMs = 2_000 }: HealthCheckOptions): Promise<void> {
  const { host, port } = parseAddress(server);
  const workerId = 'health-check';
  let isHealthy = false;
  await new Promise<void>((resolve, reject) => {
    const connection = new Connection<ServerFrame, ClientFrame>(connect(port, host), {
      schema: serverFrameSchema,
      headerLimit: () => 4_096,
      destination: (frame) => {
        throw new ProtocolFault('malformed', `a ${frame.type} frame with a payload before joining`);
      },
      frame: (frame) => {
        if (frame.type === 'hello') {
          connection.send({
            type: 'authenticate',
            workerId,
            mac: token === null ? '' : macOf(token, frame.nonce, workerId),
          });
        } else if (frame.type === 'welcome') connection.send({ type: 'ping', at: Date.now() });
        else if (frame.type === 'pong') {
          isHealthy = true;
          connection.end();
        } else if (frame.type === 'error') connection.destroy(new ProtocolFault(frame.code, frame.message));
      },
      patienceMs: timeoutMs * 10,
      maxQueuedBytes: 2 ** 20,
      closed: (reason) => {
        clearTimeout(timer);
        if (isHealthy) resolve();
        else
          reject(new RecoverableError(`${server} is not healthy: ${reason?.message ?? 'closed'}`, { cause: reason }));
      },
    });
    const timer = setTimeout(() => connection.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
}
