import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Keys } from './bucket-server.js';

/** What gives a container the keys of its role, as ECS and EKS do. */
export class RoleEndpoint implements AsyncDisposable {
  static readonly #TOKEN = 'a token of this container';
  readonly #server = createServer((request, response) => {
    this.numAsked += 1;
    if (request.headers.authorization !== RoleEndpoint.#TOKEN) response.writeHead(401).end();
    else response.setHeader('content-type', 'application/json').end(JSON.stringify(this.#answer()));
  });
  numAsked = 0;

  private constructor(
    /** What it gives out now, and for how long. */
    public keys: Keys,
    public forMs: number,
  ) {}

  static async start(keys: Keys, forMs: number): Promise<RoleEndpoint> {
    const endpoint = new RoleEndpoint(keys, forMs);
    endpoint.#server.listen(0, '127.0.0.1');
    await once(endpoint.#server, 'listening');
    return endpoint;
  }

  /** As a container's environment names it. */
  get env(): Readonly<Record<string, string>> {
    const { port } = this.#server.address() as AddressInfo;
    return {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/role`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: RoleEndpoint.#TOKEN,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #answer(): object {
    return {
      AccessKeyId: this.keys.accessKeyId,
      SecretAccessKey: this.keys.secretAccessKey,
      // versitygw knows no sessions.
      Token: '',
      Expiration: new Date(Date.now() + this.forMs).toISOString(),
    };
  }
}
