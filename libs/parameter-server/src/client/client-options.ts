import type { Logger } from '#telemetry';
import type { ExchangeListener } from '../exchange.js';
import type { ParticipantIdentity } from './server-link.js';

export interface ParameterServerClientOptions extends ParticipantIdentity {
  /** `host:port` of each server, in the order all participants use: the vector is split over them. */
  readonly servers: readonly string[];
  readonly listener: ExchangeListener;
  readonly logger: Logger;
  /** A server silent for so long is given up and connected to again. Default 2,000 ms. */
  readonly patienceMs?: number;
  /** Elements of the longest vector and a quarter of the largest state taken. Default 2^28. */
  readonly maxVectorElements?: number;
  /**
   * After so long as the only participant it goes into sole-member mode: it keeps its roots to itself until somebody
   * joins. Default 2 x patienceMs, and not before its third round as the only one.
   */
  readonly soleMemberAfterMs?: number;
  /** Payloads to and from servers of this host go through shared memory where Linux lets them. Default true. */
  readonly sharesMemory?: boolean;
}
