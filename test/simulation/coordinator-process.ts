import 'reflect-metadata';
import { createHash } from 'node:crypto';
import { readStoreSettings } from '#stores';
import type { Logger } from '#telemetry';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ConfigModule } from '../../apps/coordinator/src/config/config.module.js';
import { ReportsModule } from '../../apps/coordinator/src/reports/reports.module.js';
import type { TrainingRun } from '../../apps/coordinator/src/runs/live-run.js';
import { RunRegistry } from '../../apps/coordinator/src/runs/run-registry.js';
import { SchedulingLoop } from '../../apps/coordinator/src/scheduling/scheduling-loop.js';
import { SchedulingModule } from '../../apps/coordinator/src/scheduling/scheduling.module.js';
import type { RunShape } from './model/run-shape.js';
import { SIMULATED_ROOT } from './world/disk.js';
import type { SimulatedProcess } from './world/simulated-process.js';

export interface CoordinatorOptions {
  readonly process: SimulatedProcess;
  readonly shape: RunShape;
  readonly parameterServers: readonly string[];
  readonly logger: Logger;
  readonly onStartFailed: () => void;
}

/** The coordinator's process without its HTTP side, with one run that is submitted when there is none yet. */
export class CoordinatorProcess {
  readonly #options: CoordinatorOptions;
  readonly process: SimulatedProcess;
  #coordinator: INestApplicationContext | null = null;
  #run: TrainingRun | undefined;

  /** To be called in the coordinator's process. */
  constructor(options: CoordinatorOptions) {
    this.#options = options;
    this.process = options.process;
    // A coordinator that cannot start says so and ends; whoever started it starts it again.
    this.#start().catch((error: unknown) => {
      this.#options.logger.error({ error: String(error) }, 'start-failed');
      this.#options.onStartFailed();
    });
  }

  /** The run, while this process knows it. */
  get run(): TrainingRun | undefined {
    return this.process.isAlive ? this.#run : undefined;
  }

  async pause(): Promise<void> {
    await this.#tell('pause-requested');
  }

  async resume(): Promise<void> {
    await this.#tell('resume-requested');
  }

  async #tell(kind: 'pause-requested' | 'resume-requested'): Promise<void> {
    try {
      await this.run?.dispatch({ kind, at: Date.now() });
    } catch (error) {
      // As the REST side: an answer with an error, and somebody asks again.
      this.#options.logger.warn({ error: String(error) }, `${kind} failed`);
    }
    this.#coordinator?.get(SchedulingLoop).nudge();
  }

  async #start(): Promise<void> {
    const { shape, parameterServers, logger } = this.#options;
    const config = {
      redisUrl: 'redis://simulated',
      host: '127.0.0.1',
      port: 0,
      apiKey: undefined,
      dataDirectory: `${SIMULATED_ROOT}/data`,
      checkpointDirectory: `${SIMULATED_ROOT}/checkpoints`,
      parameterServers,
      retention: [],
      logDirectory: undefined,
      trustedProxies: [],
      basePath: '',
      stores: readStoreSettings({}),
      exitsWithParent: false,
      logLevel: 'silent',
    };
    const onReplaced = (error: Error): never => {
      throw error;
    };
    const imports = [ConfigModule.with({ config, logger, onReplaced }), SchedulingModule, ReportsModule];
    const coordinator = await NestFactory.createApplicationContext({ imports }, { logger: false, abortOnError: false });
    this.#coordinator = coordinator;
    const registry = coordinator.get(RunRegistry);
    const [known] = registry.trainings();
    this.#run = known && (await registry.findTraining(known.id));
    if (known !== undefined) return;
    const { numTrainSamples, numValidationSamples } = shape.numbers;
    const digest = createHash('sha256').update(shape.key).digest('hex');
    const dataset = { numTrainSamples, numValidationSamples, classes: ['a', 'b'], digest };
    this.#run = await registry.create(registry.nextId(), { spec: shape.spec, dataset, idempotencyKey: undefined });
    coordinator.get(SchedulingLoop).nudge();
  }
}
