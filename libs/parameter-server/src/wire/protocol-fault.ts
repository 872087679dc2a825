import type { FaultCode } from './frame.schema.js';

/** What a peer did is against the protocol, or cannot be served; its connection ends with this message. */
export class ProtocolFault extends Error {
  override readonly name = 'ProtocolFault';
  constructor(
    readonly code: FaultCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
