/** What a server does wrong, for requests whose method and path fit. */
export interface ServerFault {
  /** Default: every method. */
  readonly method?: string;
  /** The path must end in it. Default: every path. */
  readonly path?: string;
  /** A parameter that the query must have, such as `uploadId`. Default: every query. */
  readonly parameter?: string;
  /** How often it happens; counted down. */
  times: number;
  readonly what:
    | {
        readonly kind: 'status';
        readonly status: number;
        readonly code?: string;
        readonly headers?: Record<string, string>;
      }
    /** The connection breaks after so many bytes of the body. */
    | { readonly kind: 'cut'; readonly afterBytes: number }
    /** It is done, and the connection breaks before the answer. */
    | { readonly kind: 'lost' }
    /** Nothing is answered; with `afterBytes`, nothing more after so many bytes of the body. */
    | { readonly kind: 'silent'; readonly afterBytes?: number };
}

/** The first fault that fits, used up by one. */
export function takeFault(
  faults: ServerFault[],
  { method, path, query }: { readonly method: string; readonly path: string; readonly query: URLSearchParams },
): ServerFault['what'] | undefined {
  const fits = (fault: ServerFault): boolean =>
    fault.times > 0 &&
    (fault.method ?? method) === method &&
    path.endsWith(fault.path ?? '') &&
    (fault.parameter === undefined || query.has(fault.parameter));
  const fault = faults.find(fits);
  if (fault !== undefined) fault.times -= 1;
  return fault?.what;
}
