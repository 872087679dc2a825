import { Module } from '@nestjs/common';
import type { Logger } from '#telemetry';
import type { CoordinatorConfig } from '../config/coordinator.config.js';
import { CLOCK, CONFIG, LOGGER } from '../config/settings.js';
import { RedisModule } from '../redis/redis.module.js';
import { RunRegistryModule } from '../runs/run-registry.module.js';
import { DataFolder } from '../storage/data-folder.js';
import { StorageModule } from '../storage/storage.module.js';
import { DatasetNames } from './dataset-names.js';
import { DatasetRegistry } from './dataset-registry.js';
import { SAMPLE_PROCESS_URL, SampleViews } from './dataset-samples.js';
import { DatasetSamplesController } from './dataset-samples.controller.js';
import { DatasetScans } from './dataset-scans.js';
import { DatasetSurveys } from './dataset-surveys.js';
import { DatasetsController } from './datasets.controller.js';
import { DatasetsService } from './datasets.service.js';
import { IndexPublishing, keptDatasetsFolder } from './index-publishing.js';
import { KeptCleaning } from './kept-cleaning.js';

/** Looks at data sets in a process of its own, gives them names, and hands what it found to the workers. */
@Module({
  imports: [StorageModule, RunRegistryModule, RedisModule],
  controllers: [DatasetsController, DatasetSamplesController],
  providers: [
    {
      provide: DatasetScans,
      inject: [DataFolder, CONFIG],
      useFactory: ({ path }: DataFolder, { stores }: CoordinatorConfig) =>
        new DatasetScans({ keptFolder: keptDatasetsFolder(path), stores }),
    },
    {
      provide: DatasetRegistry,
      inject: [DataFolder, CLOCK, LOGGER],
      useFactory: (folder: DataFolder, clock: () => number, logger: Logger) =>
        folder.read((path) => DatasetRegistry.open(path, clock, logger)),
    },
    { provide: SAMPLE_PROCESS_URL, useValue: new URL('./sample-process.js', import.meta.url) },
    SampleViews,
    IndexPublishing,
    DatasetNames,
    DatasetSurveys,
    DatasetsService,
    KeptCleaning,
  ],
  exports: [DatasetScans, IndexPublishing, DatasetNames, DatasetRegistry],
})
export class DatasetsModule {}
