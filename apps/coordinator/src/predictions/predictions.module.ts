import { Module } from '@nestjs/common';
import { RedisModule } from '../redis/redis.module.js';
import { RunsModule } from '../runs/runs.module.js';
import { StorageModule } from '../storage/storage.module.js';
import { WorkersModule } from '../workers/workers.module.js';
import { PredictionsController } from './predictions.controller.js';
import { Predictions } from './predictions.js';
import { PredictionsService } from './predictions.service.js';

/** Has workers show images to runs' networks. */
@Module({
  imports: [StorageModule, RedisModule, RunsModule, WorkersModule],
  controllers: [PredictionsController],
  providers: [Predictions, PredictionsService],
})
export class PredictionsModule {}
