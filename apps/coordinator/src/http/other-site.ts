import type { Request } from 'express';

/** The dashboard's own requests carry it. A page of another origin cannot add it without a preflight, which is refused. */
const PAGE_HEADER = 'x-skiplane-page';
const HARMLESS: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Why a change is taken for one that a page of another site asks for; undefined where it is not. A browser's own word
 * (Sec-Fetch-Site, on HTTPS and on loopback) decides; without it the dashboard's header does, or the page's origin being
 * what the request was sent to. Programs send none of these.
 */
export function otherSiteFault(request: Request): string | undefined {
  if (HARMLESS.includes(request.method)) return undefined;
  const refusal = 'a page of another site may not ask for this';
  const site = request.get('sec-fetch-site');
  if (site !== undefined) return site === 'same-origin' || site === 'none' ? undefined : refusal;
  const origin = request.get('origin');
  if (origin === undefined || request.get(PAGE_HEADER) !== undefined) return undefined;
  const asked = [request.get('host'), request.host];
  if (URL.canParse(origin) && asked.includes(new URL(origin).host)) return undefined;
  return (
    `${refusal}: the page is of ${origin}, the request went to ${request.host}. A proxy in between must pass on the ` +
    `Host that it was asked for, or send X-Forwarded-Host and be named in SKIPLANE_TRUSTED_PROXIES (this request came from ${request.socket.remoteAddress})`
  );
}
