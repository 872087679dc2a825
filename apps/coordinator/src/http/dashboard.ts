import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Router, static as serveStatic, type RequestHandler } from 'express';

const NOT_BUILT = `Skiplane's coordinator is running; the dashboard is not built: npm run build
The API is described at /docs.
`;
const API_PATHS = /^\/(v1|docs|queues|health|metrics|login)(\/|$|-)/;

/** Serves the built dashboard: its files, and its page for every path that is none of the API's. */
export function dashboard(directory: string): RequestHandler {
  const router = Router();
  // Names of built assets hold a hash of their content; the page itself must be asked for anew.
  router.use('/assets', serveStatic(join(directory, 'assets'), { immutable: true, maxAge: '1y', fallthrough: true }));
  router.use(serveStatic(directory, { index: false }));
  router.get('/{*path}', (request, response, next) => {
    const isPage = request.path === '/' || request.accepts(['json', 'html']) === 'html';
    if (!isPage || API_PATHS.test(request.path) || request.path.startsWith('/assets/')) next();
    else if (existsSync(join(directory, 'index.html')))
      response.set('Cache-Control', 'no-cache').sendFile('index.html', { root: directory });
    else response.type('text').send(NOT_BUILT);
  });
  return router;
}
