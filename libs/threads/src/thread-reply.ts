export type ThreadReply<Value> =
  | { readonly id: number; readonly ok: true; readonly value: Value; readonly elapsedMs: number }
  | { readonly id: number; readonly ok: false; readonly message: string; readonly stack: string | undefined };
