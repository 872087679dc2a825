import { Module } from '@nestjs/common';
import type { Logger } from '#telemetry';
import { CLOCK, LOGGER } from '../config/settings.js';
import { DatasetsModule } from '../datasets/datasets.module.js';
import { FaultsModule } from '../health/faults.module.js';
import { RedisModule } from '../redis/redis.module.js';
import { RunRegistryModule } from '../runs/run-registry.module.js';
import { RunsModule } from '../runs/runs.module.js';
import { SchedulingModule } from '../scheduling/scheduling.module.js';
import { DataFolder } from '../storage/data-folder.js';
import { StorageModule } from '../storage/storage.module.js';
import { SubmissionsModule } from '../submissions/submissions.module.js';
import { StudiesController } from './studies.controller.js';
import { Studies } from './studies.js';
import { StudiesService } from './studies.service.js';
import { StudyRegistry } from './study-registry.js';

/** Takes studies, makes them into runs, and shows their tables and figures. */
@Module({
  imports: [
    StorageModule,
    RedisModule,
    RunRegistryModule,
    RunsModule,
    SchedulingModule,
    FaultsModule,
    DatasetsModule,
    SubmissionsModule,
  ],
  controllers: [StudiesController],
  providers: [
    {
      provide: StudyRegistry,
      inject: [DataFolder, CLOCK, LOGGER],
      useFactory: (folder: DataFolder, clock: () => number, logger: Logger) =>
        folder.read((path) => StudyRegistry.open(path, clock, logger)),
    },
    Studies,
    StudiesService,
  ],
  exports: [StudyRegistry, StudiesService],
})
export class StudiesModule {}
