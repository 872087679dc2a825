import { createHmac, timingSafeEqual } from 'node:crypto';
import { urlencoded, Router, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { loginPage } from './login-page.js';
import { problem, sendProblem } from './problem.js';

const COOKIE = 'skiplane-session';
const COOKIE_LIFE_MS = 30 * 24 * 3_600_000;
/** Orchestrators ask for it without a key; it tells nothing. */
const OPEN_PATH = '/health/live';
const LOOPBACK_NAMES: readonly string[] = ['localhost', '127.0.0.1', '[::1]', '::1'];

/**
 * Guards every path. With a key: `Authorization: Bearer`, `X-API-Key` or the cookie that /login sets. Without one the
 * coordinator listens on loopback only, and answers only who calls it by a loopback name, so that no web page can reach
 * it through a name of its own. Changes asked for by another site's page are refused in either case.
 */
export function accessControl(apiKey: string | undefined): RequestHandler {
  const router = Router();
  router.use((request, response, next) => {
    if (isFromOtherSite(request)) sendProblem(response, problem(403, 'a page of another site may not ask for this'));
    else next();
  });
  if (apiKey === undefined) {
    router.use((request, response, next) => {
      if (LOOPBACK_NAMES.includes(request.hostname)) next();
      else
        sendProblem(
          response,
          problem(403, 'without SKIPLANE_API_KEY only http://localhost or http://127.0.0.1 is answered'),
        );
    });
    return router;
  }
  const session = createHmac('sha256', apiKey).update('skiplane dashboard session').digest('hex');
  const isKey = (given: string | undefined): boolean => given !== undefined && isSame(given, apiKey);
  const enter = (request: Request, response: Response): void => {
    response.cookie(COOKIE, session, {
      httpOnly: true,
      sameSite: 'strict',
      secure: request.secure,
      maxAge: COOKIE_LIFE_MS,
    });
  };

  router.get('/login', (request, response) => {
    if (isKey(queryKey(request))) {
      enter(request, response);
      response.redirect(303, '/');
    } else
      response
        .status(queryKey(request) === undefined ? 200 : 401)
        .type('html')
        .send(loginPage(queryKey(request) !== undefined));
  });
  router.post('/login', urlencoded({ extended: false, limit: '4kb' }), (request: Request, response: Response) => {
    const body: unknown = request.body;
    const given = typeof body === 'object' && body !== null && 'key' in body ? String(body.key) : undefined;
    if (isKey(given)) {
      enter(request, response);
      response.redirect(303, '/');
    } else response.status(401).type('html').send(loginPage(true));
  });
  router.use((request: Request, response: Response, next: NextFunction) => {
    if (request.path === OPEN_PATH || isKey(headerKey(request)) || isSame(cookie(request) ?? '', session)) {
      next();
    } else if (request.method === 'GET' && isKey(queryKey(request))) {
      // The key leaves the address bar, the history and the logs of the next request.
      enter(request, response);
      response.redirect(303, withoutKey(request));
    } else if (request.method === 'GET' && request.accepts(['json', 'html']) === 'html') {
      response.status(401).type('html').send(loginPage(false));
    } else {
      response.setHeader('WWW-Authenticate', 'Bearer realm="skiplane"');
      sendProblem(
        response,
        problem(401, 'SKIPLANE_API_KEY is asked for: Authorization: Bearer KEY, or X-API-Key: KEY'),
      );
    }
  });
  return router;
}

/** A browser names the page that a request comes from; programs do not. */
function isFromOtherSite(request: Request): boolean {
  const origin = request.get('origin');
  if (origin === undefined || request.method === 'GET' || request.method === 'HEAD') return false;
  return !URL.canParse(origin) || new URL(origin).host !== request.get('host');
}

/** Takes the same time wherever the two differ. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHmac('sha256', 'compare').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

function headerKey(request: Request): string | undefined {
  const bearer = /^Bearer (.+)$/i.exec(request.get('authorization') ?? '')?.[1];
  return bearer ?? request.get('x-api-key');
}

function queryKey(request: Request): string | undefined {
  return typeof request.query['key'] === 'string' ? request.query['key'] : undefined;
}

function cookie(request: Request): string | undefined {
  for (const pair of (request.get('cookie') ?? '').split(';')) {
    const [name, value] = pair.trim().split('=');
    if (name === COOKIE) return value;
  }
  return undefined;
}

function withoutKey(request: Request): string {
  const url = new URL(request.originalUrl, 'http://localhost');
  url.searchParams.delete('key');
  // Leading slashes would make it the address of another host.
  return `/${url.pathname.replace(/^\/+/, '')}${url.search}`;
}
