import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import helmet from 'helmet';
import type { NextFunction, Request, Response } from 'express';
import { COORDINATOR_TIME_HEADER, RefusedInputError } from '#contracts';
import type { CoordinatorConfig } from './config/coordinator.config.js';
import { Coordinator, type CoordinatorOptions } from './coordinator.js';
import { coordinatorModule } from './coordinator.module.js';
import { accessControl } from './http/access.js';
import { dashboard } from './http/dashboard.js';
import { Metrics } from './metrics/metrics.js';
import { setUpDocs } from './http/openapi.js';
import { predictionBody } from './predictions/prediction-body.js';
import { ProblemFilter } from './http/problem.filter.js';
import { publicPrefix } from './http/public-path.js';
import { QueueBoard } from './scheduling/queue-board.js';
import { Submissions } from './submissions/submissions.js';
import { errorCode } from '#files';
import { NestLogger } from './http/nest-logger.js';

export interface RunningCoordinator {
  readonly url: string;
  readonly coordinator: Coordinator;
  /** Ends streams, answers what is being asked, puts all on disk. */
  close(): Promise<void>;
}

export interface ApplicationOptions extends CoordinatorOptions {
  /** Folder of the built dashboard. */
  readonly dashboardDirectory: string;
}

/** Open requests get so long to end by themselves. */
const DRAIN_MS = 5_000;

/** Starts the coordinator and its HTTP side. Throws RefusedInputError when the port or the data folder is taken. */
export async function startApplication(options: ApplicationOptions): Promise<RunningCoordinator> {
  const { config, logger } = options;
  const coordinator = await Coordinator.start(options);
  let app: NestExpressApplication | undefined;
  try {
    app = await makeApplication(coordinator, options);
    await app.listen(config.port, config.host).catch((error: unknown) => {
      throw listenFault(error, config);
    });
    const url = (await app.getUrl()).replace('[::1]', 'localhost');
    logger.info({
      event: 'listening',
      url,
      dataDirectory: config.dataDirectory,
      runs: coordinator.registry.list().length,
    });
    return { url, coordinator, close: () => close(app, coordinator) };
  } catch (error) {
    await close(app, coordinator);
    throw error;
  }
}

async function makeApplication(coordinator: Coordinator, options: ApplicationOptions): Promise<NestExpressApplication> {
  const { config, logger } = options;
  const { answerWithinMs } = options;
  const submissions = new Submissions({
    clock: () => coordinator.clock(),
    logger,
    answerWithinMs,
    onError: (error) => coordinator.disk.observe(error),
  });
  const app = await NestFactory.create<NestExpressApplication>(coordinatorModule(coordinator, submissions), {
    logger: new NestLogger(logger),
    bodyParser: false,
    abortOnError: false,
  });
  const metrics = new Metrics(coordinator);
  const board = new QueueBoard();
  coordinator.onQueues = (queues) => board.show(queues);

  app.disable('x-powered-by');
  app.set('trust proxy', [...config.trustedProxies]);
  // What shows ages counts them from here: its own clock may be off, and a proxy writes a Date of its own.
  app.use((_request: Request, response: Response, next: NextFunction) => {
    response.setHeader(COORDINATOR_TIME_HEADER, String(coordinator.clock()));
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
  app.use('/queues', board.handler);
  app.use('/metrics', metrics.page);
  app.use(dashboard(options.dashboardDirectory));
  app.use(predictionBody());
  app.useBodyParser('json', { limit: '256kb' });
  app.useGlobalFilters(new ProblemFilter(logger, (error) => coordinator.disk.observe(error)));
  setUpDocs(app);
  return app;
}

async function close(app: NestExpressApplication | undefined, coordinator: Coordinator): Promise<void> {
  // Streams end first: the server waits for open requests.
  for (const run of coordinator.registry.all()) run.feed.end();
  const server = app?.getHttpServer();
  const cut = setTimeout(() => server?.closeAllConnections(), DRAIN_MS);
  server?.closeIdleConnections();
  await app?.close();
  clearTimeout(cut);
  await coordinator.close();
}

function listenFault(error: unknown, { host, port }: CoordinatorConfig): unknown {
  const code = errorCode(error);
  const why: Record<string, string> = {
    EADDRINUSE: `port ${port} of ${host} is taken by another process: stop it, or set PORT to another one (0: any free one)`,
    EACCES: `port ${port} needs rights this process has not: set PORT to 1024 or above`,
    EADDRNOTAVAIL: `this machine has no address ${host}: set HOST to one it has, such as 127.0.0.1`,
    ENOTFOUND: `there is no host ${host}: set HOST to an address of this machine, such as 127.0.0.1`,
  };
  const message = code === undefined ? undefined : why[code];
  return message === undefined ? error : new RefusedInputError(message, [], { cause: error });
}
