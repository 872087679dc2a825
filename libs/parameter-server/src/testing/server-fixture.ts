import { silentLogger } from '#telemetry';
import { ParameterServerClient } from '../client/client.js';
import type { ParameterServerClientOptions } from '../client/client-options.js';
import { ParameterServer, type ParameterServerOptions } from '../server/server.js';
import { ExchangeRecorder } from './exchange-recorder.js';

/** Nobody is given up because a machine with other work to do is slow; tests of patience name their own. */
const PATIENCE_MS = 30_000;

/** Servers and clients of one test, closed together. */
export class ServerFixture {
  readonly #closing: (() => Promise<void>)[] = [];

  async server(options: Partial<ParameterServerOptions> = {}): Promise<ParameterServer> {
    const server = new ParameterServer({ port: 0, patienceMs: PATIENCE_MS, logger: silentLogger(), ...options });
    await server.start();
    this.#closing.push(() => server.close());
    return server;
  }

  async servers(count: number): Promise<readonly string[]> {
    const addresses: string[] = [];
    for (let index = 0; index < count; index += 1) addresses.push((await this.server()).address);
    return addresses;
  }

  /** A participant with its recorder, not connected yet. */
  client(
    servers: readonly string[],
    options: Partial<ParameterServerClientOptions> = {},
  ): { client: ParameterServerClient; recorder: ExchangeRecorder } {
    const recorder = new ExchangeRecorder();
    const client = new ParameterServerClient({
      servers,
      runId: 'run',
      incarnation: 1,
      workerId: 'a',
      lanes: 2,
      token: null,
      patienceMs: PATIENCE_MS,
      listener: recorder,
      logger: silentLogger(),
      ...options,
    });
    this.#closing.push(() => client.leave());
    return { client, recorder };
  }

  async close(): Promise<void> {
    for (const close of this.#closing.splice(0).toReversed()) await close();
  }
}
