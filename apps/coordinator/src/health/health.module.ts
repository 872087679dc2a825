import { Module } from '@nestjs/common';
import { RedisModule } from '../redis/redis.module.js';
import { StorageModule } from '../storage/storage.module.js';
import { WorkersModule } from '../workers/workers.module.js';
import { FaultsModule } from './faults.module.js';
import { HealthController } from './health.controller.js';
import { HealthService } from './health.service.js';
import { SystemHealthController } from './system-health.controller.js';

/** `/health`: whether the coordinator lives and is ready. `/v1/health`: all that is wrong. */
@Module({
  imports: [FaultsModule, RedisModule, StorageModule, WorkersModule],
  controllers: [HealthController, SystemHealthController],
  providers: [HealthService],
})
export class HealthModule {}
