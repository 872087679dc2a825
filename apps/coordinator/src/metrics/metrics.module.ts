import { Module } from '@nestjs/common';
import { FaultsModule } from '../health/faults.module.js';
import { ReportsModule } from '../reports/reports.module.js';
import { RunRegistryModule } from '../runs/run-registry.module.js';
import { WorkersModule } from '../workers/workers.module.js';
import { Metrics } from './metrics.js';

/** `/metrics`, for Prometheus. */
@Module({
  imports: [RunRegistryModule, WorkersModule, ReportsModule, FaultsModule],
  providers: [Metrics],
  exports: [Metrics],
})
export class MetricsModule {}
