import { Module } from '@nestjs/common';
import { DatasetsModule } from '../datasets/datasets.module.js';
import { FaultsModule } from '../health/faults.module.js';
import { RedisModule } from '../redis/redis.module.js';
import { SchedulingModule } from '../scheduling/scheduling.module.js';
import { SubmissionsModule } from '../submissions/submissions.module.js';
import { WorkersModule } from '../workers/workers.module.js';
import { ClonesController } from './clones.controller.js';
import { ClonesService } from './clones.service.js';
import { StorageModule } from '../storage/storage.module.js';
import { CheckpointCopies } from './checkpoint-copies.js';
import { InitialWeightsFiles } from './initial-weights.js';
import { RecipesController } from './recipes.controller.js';
import { RunEventsController } from './run-events.controller.js';
import { RunFeeds } from './run-feeds.js';
import { RunRegistryModule } from './run-registry.module.js';
import { RunsController } from './runs.controller.js';
import { RunsService } from './runs.service.js';
import { RunSubmitter } from './submit-run.js';
import { WeightsController } from './weights.controller.js';
import { WeightsService } from './weights.service.js';

/** Takes runs, shows and steers them. */
@Module({
  imports: [
    StorageModule,
    RunRegistryModule,
    RedisModule,
    SchedulingModule,
    WorkersModule,
    FaultsModule,
    DatasetsModule,
    SubmissionsModule,
  ],
  controllers: [RunsController, ClonesController, RunEventsController, WeightsController, RecipesController],
  providers: [
    RunsService,
    ClonesService,
    RunSubmitter,
    InitialWeightsFiles,
    CheckpointCopies,
    RunFeeds,
    WeightsService,
  ],
  exports: [RunsService, RunSubmitter],
})
export class RunsModule {}
