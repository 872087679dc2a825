import { Module } from '@nestjs/common';
import { FaultsModule } from '../health/faults.module.js';
import { RedisModule } from '../redis/redis.module.js';
import { RunRegistryModule } from '../runs/run-registry.module.js';
import { StorageModule } from '../storage/storage.module.js';
import { RecordSaving } from './record-saving.js';
import { ReportIntake } from './report-intake.js';
import { ReportReading } from './report-reading.js';

/** What workers report: read from Redis, handed to the runs, put on disk. */
@Module({
  imports: [StorageModule, RedisModule, RunRegistryModule, FaultsModule],
  providers: [ReportIntake, ReportReading, RecordSaving],
  exports: [ReportReading, RecordSaving],
})
export class ReportsModule {}
