import { Module } from '@nestjs/common';
import { RunRegistryModule } from '../runs/run-registry.module.js';
import { LiveWorkers } from './live-workers.js';
import { WorkersController } from './workers.controller.js';
import { WorkersService } from './workers.service.js';

/** Who is alive, by the coordinator's own clock, and `GET /v1/workers`. */
@Module({
  imports: [RunRegistryModule],
  controllers: [WorkersController],
  providers: [LiveWorkers, WorkersService],
  exports: [LiveWorkers],
})
export class WorkersModule {}
