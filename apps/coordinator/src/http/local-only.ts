import type { Request } from 'express';
import { isLoopback } from '#telemetry';

/** What proxies add to a request. */
const PROXY_HEADERS: readonly string[] = [
  'X-Forwarded-For',
  'X-Forwarded-Host',
  'X-Forwarded-Proto',
  'X-Forwarded-Prefix',
  'X-Real-IP',
  'Forwarded',
  'Via',
];

/**
 * Why a coordinator without a key does not answer; undefined where it does. It answers only who calls it by a loopback
 * name, so that no web page can reach it through a name of its own, and nobody whom a proxy brings in from elsewhere.
 */
export function notLocalFault(request: Request): string | undefined {
  if (!isLoopback(request.hostname))
    return 'without SKIPLANE_API_KEY only http://localhost or http://127.0.0.1 is answered';
  const trace = traceOfProxy(request);
  if (trace === undefined) return undefined;
  return `the request came through a proxy (${trace}), so it may be anybody's: behind a proxy SKIPLANE_API_KEY must be set`;
}

function traceOfProxy(request: Request): string | undefined {
  const header = PROXY_HEADERS.find((name) => request.get(name) !== undefined);
  if (header !== undefined) return header;
  // nginx's default towards what is behind it, and no browser's or client's.
  if (request.httpVersion === '1.0') return 'HTTP/1.0';
  const origin = request.get('origin');
  const isForeign = origin !== undefined && URL.canParse(origin) && !isLoopback(new URL(origin).hostname);
  return isForeign ? `Origin ${origin}` : undefined;
}
