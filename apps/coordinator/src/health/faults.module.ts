import { Module } from '@nestjs/common';
import type { Logger } from '#telemetry';
import { LOGGER, ON_REPLACED, type Settings } from '../config/settings.js';
import { RedisLink } from '../redis/redis-link.js';
import { RedisModule } from '../redis/redis.module.js';
import { RunRegistryModule } from '../runs/run-registry.module.js';
import { StorageModule } from '../storage/storage.module.js';
import { DiskWatch } from './disk-watch.js';
import { LoopFaults } from './loop-faults.js';
import { OpenFaults } from './open-faults.js';

/** What is wrong with the coordinator now: raised by its loops, told by health, the dashboard and the runs that wait. */
@Module({
  imports: [StorageModule, RedisModule, RunRegistryModule],
  providers: [
    OpenFaults,
    DiskWatch,
    {
      provide: LoopFaults,
      inject: [OpenFaults, DiskWatch, RedisLink, LOGGER, ON_REPLACED],
      useFactory: (
        faults: OpenFaults,
        disk: DiskWatch,
        redis: RedisLink,
        logger: Logger,
        onReplaced: Settings['onReplaced'],
      ) => new LoopFaults({ faults, disk, redis, logger, onReplaced }),
    },
  ],
  exports: [OpenFaults, DiskWatch, LoopFaults],
})
export class FaultsModule {}
