import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import helmet from 'helmet';
import { COORDINATOR_TIME_HEADER } from '#contracts';
import { CLOCK, type Settings } from '../config/settings.js';
import { Metrics } from '../metrics/metrics.js';
import { predictionBody } from '../predictions/prediction-body.js';
import { accessControl } from './access.js';
import { dashboard } from './dashboard.js';
import { setUpDocs } from './openapi.js';
import { publicPrefix } from './public-path.js';
import { QueueBoard } from './queue-board.js';

/** Longer than the minute for which a proxy keeps an idle connection: it would send a request on one that is just being closed. */
const KEEP_ALIVE_MS = 75_000;

/** What a request passes before it comes to its route, in this order. `dashboardDirectory`: the built dashboard. */
export function setUpHttp(app: NestExpressApplication, { config, logger }: Settings, dashboardDirectory: string): void {
  const clock = app.get<() => number>(CLOCK);
  const metrics = app.get(Metrics);
  const server = app.getHttpServer();
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  // Node counts the wait for the next request's head from the end of the one before.
  server.headersTimeout = KEEP_ALIVE_MS + 1_000;
  app.disable('x-powered-by');
  app.set('trust proxy', [...config.trustedProxies]);
  // What shows ages counts them from here: its own clock may be off, and a proxy writes a Date of its own.
  app.use((_request: Request, response: Response, next: NextFunction) => {
    response.setHeader(COORDINATOR_TIME_HEADER, String(clock()));
    next();
  });
  app.use(metrics.timing);
  // Served over plain HTTP as a rule, where asking the browser for HTTPS would leave the pages without their scripts.
  app.use(
    helmet({
      contentSecurityPolicy: { directives: { 'upgrade-insecure-requests': null } },
      strictTransportSecurity: false,
    }),
  );
  app.use(publicPrefix(config.basePath));
  app.use(accessControl(config.apiKey, logger));
  app.use('/queues', app.get(QueueBoard).handler);
  app.use('/metrics', metrics.page);
  app.use(dashboard(dashboardDirectory));
  app.use(predictionBody());
  app.useBodyParser('json', { limit: '256kb' });
  setUpDocs(app);
}
