import { Module } from '@nestjs/common';
import { FaultsModule } from '../health/faults.module.js';
import { RemovalModule } from '../removal/removal.module.js';
import { RunRegistryModule } from '../runs/run-registry.module.js';
import { RetentionController } from './retention.controller.js';
import { Retention } from './retention.js';

/** Deletes runs whose time has come. */
@Module({
  imports: [RunRegistryModule, RemovalModule, FaultsModule],
  controllers: [RetentionController],
  providers: [Retention],
})
export class RetentionModule {}
