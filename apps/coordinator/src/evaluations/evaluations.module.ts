import { Module } from '@nestjs/common';
import { RedisModule } from '../redis/redis.module.js';
import { RunRegistryModule } from '../runs/run-registry.module.js';
import { RunsModule } from '../runs/runs.module.js';
import { SchedulingModule } from '../scheduling/scheduling.module.js';
import { StorageModule } from '../storage/storage.module.js';
import { SubmissionsModule } from '../submissions/submissions.module.js';
import { EvaluationsController } from './evaluations.controller.js';
import { EvaluationsService } from './evaluations.service.js';
import { EvaluationSubmitter } from './submit-evaluation.js';

/** Evaluations of runs' weights, distributed as runs are. */
@Module({
  imports: [StorageModule, RedisModule, RunRegistryModule, RunsModule, SchedulingModule, SubmissionsModule],
  controllers: [EvaluationsController],
  providers: [EvaluationsService, EvaluationSubmitter],
})
export class EvaluationsModule {}
