import { Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { FaultsModule } from '../health/faults.module.js';
import { MetricsModule } from '../metrics/metrics.module.js';
import { SchedulingModule } from '../scheduling/scheduling.module.js';
import { HttpDrain } from './http-drain.js';
import { ProblemFilter } from './problem.filter.js';
import { QueueBoard } from './queue-board.js';

/** What cuts across all routes. */
@Module({
  imports: [FaultsModule, MetricsModule, SchedulingModule],
  providers: [HttpDrain, QueueBoard, { provide: APP_FILTER, useClass: ProblemFilter }],
})
export class HttpModule {}
