import { Module, type DynamicModule } from '@nestjs/common';
import { ConfigModule } from './config/config.module.js';
import type { Settings } from './config/settings.js';
import { DatasetsModule } from './datasets/datasets.module.js';
import { EvaluationsModule } from './evaluations/evaluations.module.js';
import { ExportsModule } from './exports/exports.module.js';
import { HealthModule } from './health/health.module.js';
import { HttpModule } from './http/http.module.js';
import { LogsModule } from './logs/logs.module.js';
import { PredictionsModule } from './predictions/predictions.module.js';
import { RemovalModule } from './removal/removal.module.js';
import { ReportsModule } from './reports/reports.module.js';
import { RetentionModule } from './retention/retention.module.js';
import { RunsModule } from './runs/runs.module.js';
import { SchedulingModule } from './scheduling/scheduling.module.js';
import { StudiesModule } from './studies/studies.module.js';
import { WorkersModule } from './workers/workers.module.js';

/**
 * The coordinator. Modules start in the order of their imports, deepest first, and end in the opposite order, in three
 * passes: scans end (onModuleDestroy), streams and loops end (beforeApplicationShutdown), then the server closes, all is
 * put on disk, and Redis and the data folder are let go of (onApplicationShutdown).
 */
@Module({
  imports: [
    SchedulingModule,
    ReportsModule,
    DatasetsModule,
    RunsModule,
    EvaluationsModule,
    PredictionsModule,
    ExportsModule,
    StudiesModule,
    RemovalModule,
    RetentionModule,
    WorkersModule,
    HealthModule,
    LogsModule,
    HttpModule,
  ],
})
export class CoordinatorModule {
  static with(settings: Settings): DynamicModule {
    return { module: CoordinatorModule, imports: [ConfigModule.with(settings)] };
  }
}
