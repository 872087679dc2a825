import 'reflect-metadata';
import type { Abstract } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { RefusedInputError } from '#contracts';
import { errorCode } from '#files';
import type { Logger } from '#telemetry';
import type { CoordinatorConfig } from './config/coordinator.config.js';
import type { Settings } from './config/settings.js';
import { CoordinatorModule } from './coordinator.module.js';
import { NestLogger } from './http/nest-logger.js';
import { setUpHttp } from './http/set-up-http.js';
import { RecordSaving } from './reports/record-saving.js';
import { RunRegistry } from './runs/run-registry.js';
import { startFault } from './storage/data-folder.js';

export interface RunningCoordinator {
  readonly url: string;
  /** One of its parts. */
  get<T>(part: Abstract<T>): T;
  /** Ends streams, answers what is being asked, puts all on disk. */
  close(): Promise<void>;
}

export interface ApplicationOptions extends Settings {
  /** Folder of the built dashboard. */
  readonly dashboardDirectory: string;
}

/** How Nest itself behaves. */
export const nestOptions = (logger: Logger): { logger: NestLogger; bodyParser: false; abortOnError: false } => ({
  logger: new NestLogger(logger),
  bodyParser: false,
  abortOnError: false,
});

/** Starts the coordinator. Throws RefusedInputError when the port or the data folder is taken. */
export function startApplication(options: ApplicationOptions): Promise<RunningCoordinator> {
  return serve(options, () => NestFactory.create(CoordinatorModule.with(options), nestOptions(options.logger)));
}

/** Serves the application that `create` makes. */
export async function serve(
  options: ApplicationOptions,
  create: () => Promise<NestExpressApplication>,
): Promise<RunningCoordinator> {
  const { config, logger, dashboardDirectory } = options;
  let app: NestExpressApplication | undefined;
  try {
    app = await create();
    setUpHttp(app, options, dashboardDirectory);
    await app.listen(config.port, config.host).catch((error: unknown) => {
      throw listenFault(error, config);
    });
    const url = (await app.getUrl()).replace('[::1]', 'localhost');
    const { dataDirectory } = config;
    logger.info({ event: 'listening', url, dataDirectory, runs: app.get(RunRegistry).trainings().length });
    return new Running(url, app);
  } catch (error) {
    await app?.close();
    throw startFault(error, config.dataDirectory);
  }
}

class Running implements RunningCoordinator {
  readonly #app: NestExpressApplication;

  constructor(
    readonly url: string,
    app: NestExpressApplication,
  ) {
    this.#app = app;
  }

  get<T>(part: Abstract<T>): T {
    return this.#app.get<T>(part);
  }

  async close(): Promise<void> {
    await this.#app.close();
    const { lastFault } = this.#app.get(RecordSaving);
    if (lastFault !== undefined) throw lastFault;
  }
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
