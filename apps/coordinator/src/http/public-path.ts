import type { Request, RequestHandler, Response } from 'express';
import { basePath } from '../config/base-path.js';
import { problem, sendProblem } from './problem.js';

const PREFIX_HEADER = 'x-forwarded-prefix';

/**
 * Finds out behind which prefix the asker sees the coordinator: what a trusted proxy says in X-Forwarded-Prefix, else the
 * setting. A proxy that leaves the prefix in the path is served as one that takes it away.
 */
export function publicPrefix(setting: string): RequestHandler {
  return (request, response, next) => {
    const said = request.get(PREFIX_HEADER);
    // Proxies in a row each add what they took away: /outer, /inner.
    const header = said === undefined || !isFromTrustedProxy(request) ? undefined : said.split(/\s*,\s*/).join('');
    const parsed = basePath.safeParse(header ?? setting);
    if (!parsed.success) {
      const why = parsed.error.issues.map(({ message }) => message).join('; ');
      sendProblem(response, problem(400, `the proxy's X-Forwarded-Prefix ${JSON.stringify(said)} ${why}`));
      return;
    }
    const prefix = parsed.data;
    response.locals['prefix'] = prefix;
    if (prefix !== '') request.url = withoutPrefix(request.url, prefix);
    next();
  };
}

/** The address under which the asker finds one of the coordinator's own paths. */
export function publicPath(response: Response, path: string): string {
  const prefix: unknown = response.locals['prefix'];
  return typeof prefix === 'string' ? prefix + path : path;
}

/** Whether the connection comes from one of SKIPLANE_TRUSTED_PROXIES. */
function isFromTrustedProxy(request: Request): boolean {
  // Express's own, made of its setting `trust proxy`.
  const isTrusted = request.app.get('trust proxy fn') as (address: string | undefined, hop: number) => boolean;
  return isTrusted(request.socket.remoteAddress, 0);
}

function withoutPrefix(url: string, prefix: string): string {
  if (!url.startsWith(prefix)) return url;
  const rest = url.slice(prefix.length);
  if (rest === '' || rest.startsWith('?')) return `/${rest}`;
  return rest.startsWith('/') ? rest : url;
}
