import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Router, static as serveStatic, type RequestHandler } from 'express';
import { errorCode } from '#files';
import { publicPath } from './public-path.js';

const NOT_BUILT = `Skiplane's coordinator is running; the dashboard is not built: npm run build
The API is described at /docs.
`;
const API_PATHS = /^\/(v1|docs|queues|health|metrics|login)(\/|$|-)/;

/** The page's assets, links and requests are relative to what it names here. */
const BASE = /<base href="[^"]*"/;

/** Serves the built dashboard: its files, and its page for every path that is none of the API's. */
export function dashboard(directory: string): RequestHandler {
  const router = Router();
  // Names of built assets hold a hash of their content; the page itself must be asked for anew.
  const assets = { immutable: true, maxAge: '1y', fallthrough: true, redirect: false };
  router.use('/assets', serveStatic(join(directory, 'assets'), assets));
  router.use(serveStatic(directory, { index: false, redirect: false }));
  router.get('/{*path}', (request, response, next) => {
    const isPage = request.path === '/' || request.accepts(['json', 'html']) === 'html';
    if (!isPage || API_PATHS.test(request.path) || request.path.startsWith('/assets/')) {
      next();
      return;
    }
    readPage(directory).then((page) => {
      if (page === undefined) response.type('text').send(NOT_BUILT);
      else {
        const based = page.replace(BASE, `<base href="${publicPath(response, '/')}"`);
        response.set('Cache-Control', 'no-cache').type('html').send(based);
      }
    }, next);
  });
  return router;
}

/** Undefined: the dashboard is not built. */
async function readPage(directory: string): Promise<string | undefined> {
  return readFile(join(directory, 'index.html'), 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
}
