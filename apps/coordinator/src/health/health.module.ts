import { Module } from '@nestjs/common';
import { skiplaneVersion, type Logger } from '#telemetry';
import type { CoordinatorConfig } from '../config/coordinator.config.js';
import { CLOCK, CONFIG, DURATIONS, LOGGER, type Durations } from '../config/settings.js';
import { RedisLink } from '../redis/redis-link.js';
import { RedisModule } from '../redis/redis.module.js';
import { RunRegistry } from '../runs/run-registry.js';
import { RunRegistryModule } from '../runs/run-registry.module.js';
import { Scheduler } from '../scheduling/scheduler.js';
import { SchedulingModule } from '../scheduling/scheduling.module.js';
import { StorageModule } from '../storage/storage.module.js';
import { StudiesModule } from '../studies/studies.module.js';
import { StudyRegistry } from '../studies/study-registry.js';
import { LiveWorkers } from '../workers/live-workers.js';
import { WorkersModule } from '../workers/workers.module.js';
import { DatasetRegistry } from '../datasets/dataset-registry.js';
import { DatasetsModule } from '../datasets/datasets.module.js';
import { FaultWatch } from './fault-watch.js';
import { FaultsModule } from './faults.module.js';
import { HealthController } from './health.controller.js';
import { HealthService } from './health.service.js';
import { crashLoopObserver } from './observers/crash-loops.js';
import { diskSpaceObserver } from './observers/disk-space.js';
import { ParameterServerObserver } from './observers/parameter-servers.js';
import { recordsObserver } from './observers/records.js';
import { redisRightsObserver, redisSettingsObserver } from './observers/redis-settings.js';
import { waitingRunObserver } from './observers/waiting-run.js';
import { workerObserver } from './observers/worker-faults.js';
import { OpenFaults } from './open-faults.js';
import { SystemHealthController } from './system-health.controller.js';

/** `/health`: whether the coordinator lives and is ready. `/v1/health`: all that is wrong, as observers find it. */
@Module({
  imports: [
    FaultsModule,
    RedisModule,
    StorageModule,
    WorkersModule,
    RunRegistryModule,
    SchedulingModule,
    StudiesModule,
    DatasetsModule,
  ],
  controllers: [HealthController, SystemHealthController],
  providers: [
    HealthService,
    {
      provide: ParameterServerObserver,
      inject: [CONFIG],
      useFactory: ({ parameterServers }: CoordinatorConfig) =>
        new ParameterServerObserver(parameterServers, skiplaneVersion()),
    },
    {
      provide: FaultWatch,
      inject: [
        OpenFaults,
        RedisLink,
        LiveWorkers,
        Scheduler,
        RunRegistry,
        StudyRegistry,
        DatasetRegistry,
        ParameterServerObserver,
        CONFIG,
        DURATIONS,
        CLOCK,
        LOGGER,
      ],
      useFactory: (
        faults: OpenFaults,
        redis: RedisLink,
        workers: LiveWorkers,
        scheduler: Scheduler,
        runs: RunRegistry,
        studies: StudyRegistry,
        datasets: DatasetRegistry,
        parameterServers: ParameterServerObserver,
        config: CoordinatorConfig,
        { faultLookMs }: Durations,
        clock: () => number,
        logger: Logger,
      ) =>
        new FaultWatch({
          faults,
          logger,
          periodMs: faultLookMs,
          observers: [
            diskSpaceObserver(config),
            redisSettingsObserver(redis),
            redisRightsObserver(config.redisUrl, faults),
            workerObserver(() => ({
              workers: workers.shown(),
              refusals: scheduler.refusals,
              notUnderstood: workers.notUnderstood,
              version: skiplaneVersion(),
            })),
            crashLoopObserver({
              logDirectory: config.logDirectory,
              workerCrashes: () => workers.crashes,
              clock,
            }),
            parameterServers,
            recordsObserver({
              runs: () => runs.unreadable.list(),
              studies: () => studies.unreadable.list(),
              'data sets': () => datasets.unreadable.list(),
            }),
            waitingRunObserver(() => runs.unfinished()),
          ],
        }),
    },
  ],
})
export class HealthModule {}
