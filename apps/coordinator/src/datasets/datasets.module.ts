import { Module } from '@nestjs/common';
import type { CoordinatorConfig } from '../config/coordinator.config.js';
import { CONFIG } from '../config/settings.js';
import { RedisModule } from '../redis/redis.module.js';
import { RunRegistryModule } from '../runs/run-registry.module.js';
import { DataFolder } from '../storage/data-folder.js';
import { StorageModule } from '../storage/storage.module.js';
import { DatasetScans } from './dataset-scans.js';
import { IndexPublishing, keptDatasetsFolder } from './index-publishing.js';

/** Looks at the data sets that submissions name, in a process of its own, and hands what it found to the workers. */
@Module({
  imports: [StorageModule, RunRegistryModule, RedisModule],
  providers: [
    {
      provide: DatasetScans,
      inject: [DataFolder, CONFIG],
      useFactory: ({ path }: DataFolder, { stores }: CoordinatorConfig) =>
        new DatasetScans({ keptFolder: keptDatasetsFolder(path), stores }),
    },
    IndexPublishing,
  ],
  exports: [DatasetScans, IndexPublishing],
})
export class DatasetsModule {}
