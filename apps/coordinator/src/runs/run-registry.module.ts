import { Module } from '@nestjs/common';
import type { Logger } from '#telemetry';
import { CLOCK, LOGGER } from '../config/settings.js';
import { DataFolder } from '../storage/data-folder.js';
import { StorageModule } from '../storage/storage.module.js';
import { RunRegistry } from './run-registry.js';

/** The runs of the data folder, read at the start. What looks after them and what serves them are other modules. */
@Module({
  imports: [StorageModule],
  providers: [
    {
      provide: RunRegistry,
      inject: [DataFolder, CLOCK, LOGGER],
      useFactory: (folder: DataFolder, clock: () => number, logger: Logger) =>
        folder.read((path) => RunRegistry.open(path, clock, logger)),
    },
  ],
  exports: [RunRegistry],
})
export class RunRegistryModule {}
