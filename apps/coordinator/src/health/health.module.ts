import { Module } from '@nestjs/common';
import { RedisModule } from '../redis/redis.module.js';
import { StorageModule } from '../storage/storage.module.js';
import { FaultsModule } from './faults.module.js';
import { HealthController } from './health.controller.js';
import { HealthService } from './health.service.js';

/** `/health`: whether the coordinator lives and is ready. */
@Module({
  imports: [FaultsModule, RedisModule, StorageModule],
  controllers: [HealthController],
  providers: [HealthService],
})
export class HealthModule {}
