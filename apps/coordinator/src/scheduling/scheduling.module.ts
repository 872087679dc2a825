import { Module } from '@nestjs/common';
import { FaultsModule } from '../health/faults.module.js';
import { RedisModule } from '../redis/redis.module.js';
import { RunRegistryModule } from '../runs/run-registry.module.js';
import { StorageModule } from '../storage/storage.module.js';
import { WorkersModule } from '../workers/workers.module.js';
import { Publisher } from './publisher.js';
import { Scheduler } from './scheduler.js';
import { SchedulingLoop } from './scheduling-loop.js';

/** Decides who serves which run, and makes Redis say so. */
@Module({
  imports: [StorageModule, RedisModule, RunRegistryModule, WorkersModule, FaultsModule],
  providers: [Publisher, Scheduler, SchedulingLoop],
  exports: [Publisher, Scheduler, SchedulingLoop],
})
export class SchedulingModule {}
