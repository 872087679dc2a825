import { macOf } from '../wire/handshake.js';
import { ProtocolFault } from '../wire/protocol-fault.js';
import { askServer, type AskedServer } from './ask-server.js';

export interface HealthCheckOptions extends AskedServer {
  readonly token: string | null;
}

/** Connects, proves the token and sends a ping. Resolves once it is answered; rejects with RecoverableError. */
export async function checkHealth({ token, ...asked }: HealthCheckOptions): Promise<void> {
  const workerId = 'health-check';
  await askServer(
    asked,
    (frame, connection) => {
      if (frame.type === 'hello') {
        const mac = token === null ? '' : macOf(token, frame.nonce, workerId);
        connection.send({ type: 'authenticate', workerId, mac });
      } else if (frame.type === 'welcome') connection.send({ type: 'ping', at: Date.now() });
      else if (frame.type === 'pong') return true;
      else if (frame.type === 'error') connection.destroy(new ProtocolFault(frame.code, frame.message));
      return undefined;
    },
    (reason) => `${asked.server} is not healthy: ${reason?.message ?? 'closed'}`,
  );
}
