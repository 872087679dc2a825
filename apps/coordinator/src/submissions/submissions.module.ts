import { Module } from '@nestjs/common';
import { FaultsModule } from '../health/faults.module.js';
import { SubmissionsController } from './submissions.controller.js';
import { Submissions } from './submissions.js';

/** Submissions that take longer than a request may. */
@Module({
  imports: [FaultsModule],
  controllers: [SubmissionsController],
  providers: [Submissions],
  exports: [Submissions],
})
export class SubmissionsModule {}
