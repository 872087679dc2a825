import { Module } from '@nestjs/common';
import { FaultsModule } from '../health/faults.module.js';
import { RedisModule } from '../redis/redis.module.js';
import { RunRegistryModule } from '../runs/run-registry.module.js';
import { RunsModule } from '../runs/runs.module.js';
import { SchedulingModule } from '../scheduling/scheduling.module.js';
import { StorageModule } from '../storage/storage.module.js';
import { StudiesModule } from '../studies/studies.module.js';
import { WorkersModule } from '../workers/workers.module.js';
import { RemovalSurvey } from './removal-survey.js';
import { RemovalsController } from './removals.controller.js';
import { Removals } from './removals.js';
import { RemovalsService } from './removals.service.js';

/** Deletes runs and studies, and says before what that comes to. */
@Module({
  imports: [
    StorageModule,
    RedisModule,
    RunRegistryModule,
    RunsModule,
    StudiesModule,
    SchedulingModule,
    WorkersModule,
    FaultsModule,
  ],
  controllers: [RemovalsController],
  providers: [RemovalSurvey, Removals, RemovalsService],
  exports: [RemovalSurvey, Removals],
})
export class RemovalModule {}
