import { createHmac, timingSafeEqual } from 'node:crypto';
import { urlencoded, Router, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import type { Logger } from '#telemetry';
import { notLocalFault } from './local-only.js';
import { otherSiteFault } from './other-site.js';
import { problem, sendProblem } from './problem.js';
import { publicPath } from './public-path.js';

const COOKIE = 'skiplane-session';
const COOKIE_LIFE_MS = 30 * 24 * 3_600_000;
/** Orchestrators and launchers ask for these without a key, and learn a state, nothing else. */
const OPEN_PATHS: readonly string[] = ['/health/live', '/health/ready'];
/** Requests that may know all: those with the key, and on a coordinator without one those from this machine. */
const entitled = new WeakSet<Request>();

/** Whether whoever asks may know more than a state. */
export function mayKnowDetails(request: Request): boolean {
  return entitled.has(request);
}

/**
 * Guards every path. With a key: `Authorization: Bearer`, `X-API-Key` or the cookie that /login sets. Without one the
 * coordinator listens on loopback only, and answers nobody from elsewhere. Changes asked for by another site's page are
 * refused in either case, unless they carry the key, which such a page does not know.
 */
export function accessControl(apiKey: string | undefined, logger: Logger): RequestHandler {
  const router = Router();
  if (apiKey === undefined) {
    router.use((request, response, next) => {
      const fault = notLocalFault(request) ?? otherSiteFault(request);
      if (fault === undefined) entitled.add(request);
      if (fault === undefined || OPEN_PATHS.includes(request.path)) next();
      else sendProblem(response, problem(403, fault));
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
      path: publicPath(response, '') || '/',
      maxAge: COOKIE_LIFE_MS,
    });
  };

  const askForKey = (response: Response, status: 200 | 401, isWrong: boolean): void => {
    const page = loginPage({ action: publicPath(response, '/login'), isWrong });
    response.status(status).type('html').send(page);
  };
  const refuseKey = (request: Request, response: Response): void => {
    logger.warn({ event: 'login-refused', address: request.ip }, 'a wrong key was tried');
    askForKey(response, 401, true);
  };

  router.get('/login', (request, response) => {
    if (isKey(queryKey(request))) {
      enter(request, response);
      response.redirect(303, publicPath(response, '/'));
    } else if (queryKey(request) === undefined) askForKey(response, 200, false);
    else refuseKey(request, response);
  });
  // Whoever knows the key may enter, whatever page the key was typed into.
  router.post('/login', urlencoded({ extended: false, limit: '4kb' }), (request: Request, response: Response) => {
    const body: unknown = request.body;
    const given = typeof body === 'object' && body !== null && 'key' in body ? String(body.key) : undefined;
    if (isKey(given)) {
      enter(request, response);
      response.redirect(303, publicPath(response, '/'));
    } else refuseKey(request, response);
  });
  router.use((request, response, next) => {
    const fault = isKey(headerKey(request)) ? undefined : otherSiteFault(request);
    if (fault === undefined) next();
    else sendProblem(response, problem(403, fault));
  });
  router.use((request: Request, response: Response, next: NextFunction) => {
    if (isKey(headerKey(request)) || cookies(request).some((value) => isSame(value, session))) {
      entitled.add(request);
      next();
    } else if (OPEN_PATHS.includes(request.path) && queryKey(request) === undefined) {
      next();
    } else if (request.method === 'GET' && isKey(queryKey(request))) {
      // The key leaves the address bar, the history and the logs of the next request.
      enter(request, response);
      response.redirect(303, publicPath(response, withoutKey(request)));
    } else if (request.method === 'GET' && request.accepts(['json', 'html']) === 'html') {
      askForKey(response, 401, false);
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

/** Several, where another coordinator was under the same name or prefix before. */
function cookies(request: Request): readonly string[] {
  const pairs = (request.get('cookie') ?? '').split(';').map((pair) => pair.trim().split('='));
  return pairs.flatMap(([name, value]) => (name === COOKIE && value !== undefined ? [value] : []));
}

function withoutKey(request: Request): string {
  const url = new URL(request.url, 'http://localhost');
  url.searchParams.delete('key');
  // Leading slashes would make it the address of another host.
  return `/${url.pathname.replace(/^\/+/, '')}${url.search}`;
}

/** The form that asks a browser for the key. */
function loginPage({ action, isWrong }: { readonly action: string; readonly isWrong: boolean }): string {
  const note = isWrong ? '<p role="alert">That is not the key.</p>' : '';
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Skiplane</title><link rel="icon" href="data:,">
<style>body{font:16px system-ui;display:grid;place-content:center;min-height:90vh;color-scheme:light dark}
input,button{font:inherit;padding:.5em}</style>
<main><h1>Skiplane</h1>${note}<form method="post" action="${action}">
<label for="key">The value of SKIPLANE_API_KEY</label><br>
<input id="key" name="key" type="password" autocomplete="current-password" required autofocus>
<button>Enter</button></form></main></html>`;
}
