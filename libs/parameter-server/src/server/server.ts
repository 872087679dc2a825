import { createServer, type AddressInfo, type Server } from 'node:net';
import { RefusedInputError } from '#contracts';
import type { Logger } from '#telemetry';
import type { Traffic } from '../wire/connection.js';
import type { ClientFrame } from '../wire/frame.schema.js';
import { ProtocolFault } from '../wire/protocol-fault.js';
import { BYTES_PER_ELEMENT } from '../reduce/ranges.js';
import { RunGroup } from './run-group.js';
import { ServerSession, type SessionContext } from './server-session.js';
import { SlabPool, slabOperations } from './slab-pool.js';

export interface ParameterServerOptions {
  /** Address to listen on. Default 127.0.0.1; any other needs a token. */
  readonly host?: string;
  /** Default 7070; 0 takes a free one. */
  readonly port?: number;
  /** What participants must know; null lets everybody in and is refused beyond loopback. Default null. */
  readonly token?: string | null;
  /** Told to whoever connects. Default: none. */
  readonly version?: string;
  /** Bytes of gradients held at once, all runs together. Default 4 GiB. */
  readonly memoryLimitBytes?: number;
  /** A peer silent for so long is given up. Default 2,000 ms. */
  readonly patienceMs?: number;
  /** Bytes that may wait for one slow reader. Default 1 GiB: several rounds of ResNet-152. */
  readonly maxQueuedBytes?: number;
  /** Elements of the longest vector taken. Default 2^28 (1 GiB). */
  readonly maxVectorElements?: number;
  /** Rounds kept per run. Default 4. */
  readonly numRounds?: number;
  readonly logger: Logger;
}

export interface ParameterServerStats {
  readonly connections: number;
  readonly runs: number;
  readonly participants: number;
  readonly memoryBytes: number;
}

const HANDSHAKE_TIMEOUT_MS = 5_000;
const MAX_CONNECTIONS = 4_096;
const LOOPBACK = /^(localhost|127(\.\d+){3}|::1)$/;

/** A summation service over TCP. Holds the rounds in flight and nothing else, so it may be killed at any moment. */
export class ParameterServer {
  readonly #options: ParameterServerOptions;
  readonly #pool: SlabPool;
  readonly #groups = new Map<string, RunGroup>();
  readonly #sessions = new Set<ServerSession>();
  readonly #context: SessionContext;
  #server: Server | null = null;
  /** Of connections that are over. */
  #pastTraffic: Traffic = { receivedBytes: 0, sentBytes: 0, sharedBytes: 0 };

  constructor(options: ParameterServerOptions) {
    const host = options.host ?? '127.0.0.1';
    const token = options.token ?? null;
    if (token === '') throw new RefusedInputError('the token is empty: set SKIPLANE_TOKEN to a secret or unset it');
    if (token === null && !LOOPBACK.test(host)) {
      throw new RefusedInputError(
        `listening on ${host} lets other machines in and needs a token: set SKIPLANE_TOKEN, or HOST=127.0.0.1`,
      );
    }
    this.#options = options;
    this.#pool = new SlabPool(options.memoryLimitBytes ?? 4 * 2 ** 30);
    this.#context = {
      token,
      version: options.version,
      patienceMs: options.patienceMs ?? 2_000,
      handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS,
      maxQueuedBytes: options.maxQueuedBytes ?? 2 ** 30,
      maxVectorElements: options.maxVectorElements ?? 2 ** 28,
      logger: options.logger,
      shareMemory: () => this.#pool.share(),
      makeRoom: (numBytes) => this.#makeRoom(numBytes),
      takeSlab: (numElements, format) => {
        this.#makeRoom(numElements * BYTES_PER_ELEMENT[format]);
        return this.#pool.take(numElements, format);
      },
      enter: (join) => this.#enter(join),
      left: (group) => this.#left(group),
      closed: (session) => {
        this.#sessions.delete(session);
        this.#pastTraffic = sumOf(this.#pastTraffic, session.traffic);
      },
    };
  }

  /** Begins to listen. Rejects where the address cannot be had. */
  async start(): Promise<void> {
    const server = createServer({ noDelay: true }, (socket) => {
      this.#sessions.add(new ServerSession(socket, this.#context));
    });
    server.maxConnections = MAX_CONNECTIONS;
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#options.port ?? 7070, this.#options.host ?? '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
    server.on('error', (error) => this.#options.logger.error({ error: String(error) }, 'listen-failed'));
  }

  /** Where it listens, `host:port`. */
  get address(): string {
    const address = this.#server?.address();
    if (address === null || address === undefined || typeof address === 'string')
      throw new Error('the server is not listening');
    const { address: host, port, family }: AddressInfo = address;
    return family === 'IPv6' ? `[${host}]:${port}` : `${host}:${port}`;
  }

  get stats(): ParameterServerStats {
    let participants = 0;
    for (const group of this.#groups.values()) participants += group.participants.length;
    return {
      connections: this.#sessions.size,
      runs: this.#groups.size,
      participants,
      memoryBytes: this.#pool.usedBytes,
    };
  }

  /** Bytes received and sent since the start, all connections together. */
  get traffic(): Traffic {
    return [...this.#sessions].reduce((sum, session) => sumOf(sum, session.traffic), this.#pastTraffic);
  }

  /** Stops listening, tells everybody and closes all connections; participants connect to its successor. */
  async close(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    for (const session of this.#sessions)
      session.fail(new ProtocolFault('closing', 'the parameter server is shutting down'));
    await closed;
    this.#pool.close();
  }

  #enter(join: Extract<ClientFrame, { type: 'join' }>): RunGroup {
    const key = `${join.incarnation}/${join.runId}`;
    const group =
      this.#groups.get(key) ?? new RunGroup(join.lanes, slabOperations(this.#pool), this.#options.numRounds ?? 4);
    if (group.lanes !== join.lanes) {
      throw new ProtocolFault(
        'refused',
        `run ${join.runId} has ${group.lanes} lanes, this worker believes ${join.lanes}`,
      );
    }
    this.#groups.set(key, group);
    return group;
  }

  #left(group: RunGroup): void {
    if (!group.isEmpty) return;
    for (const [key, other] of this.#groups) if (other === group) this.#groups.delete(key);
    if (this.#groups.size === 0) this.#pool.trim();
  }

  #makeRoom(numBytes: number): void {
    while (!this.#pool.fits(numBytes)) {
      const wasFreed = [...this.#groups.values()].some((group) => group.dropOldestRound());
      if (!wasFreed) throw new ProtocolFault('overloaded', 'memory limit reached: raise it, or run fewer runs at once');
    }
  }
}

const sumOf = (a: Traffic, b: Traffic): Traffic => ({
  receivedBytes: a.receivedBytes + b.receivedBytes,
  sentBytes: a.sentBytes + b.sentBytes,
  sharedBytes: a.sharedBytes + b.sharedBytes,
});
