import type { EncodedError } from './error-codec.js';

/** To a thread: a request, or that nobody wants the answer to an earlier one any more. */
export type RequestMessage<Request> =
  { readonly id: number; readonly request: Request } | { readonly id: number; readonly isCancelled: true };

/** From a thread, once it is ready: the answer to a request that was not cancelled. */
export type ReplyMessage<Value> =
  | { readonly id: number; readonly ok: true; readonly value: Value; readonly elapsedMs: number }
  | { readonly id: number; readonly ok: false; readonly error: EncodedError };
