import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { WorkerHeartbeat } from '#contracts';
import { Coordinator } from '../coordinator.js';
import { reference } from '../http/openapi.js';

@ApiTags('workers')
@Controller('v1/workers')
export class WorkersController {
  readonly #coordinator: Coordinator;

  constructor(@Inject(Coordinator) coordinator: Coordinator) {
    this.#coordinator = coordinator;
  }

  @Get()
  @ApiOperation({ summary: 'Workers alive: device, run, lanes, and why one is idle' })
  @ApiResponse({
    status: 200,
    schema: { type: 'object', properties: { workers: { type: 'array', items: reference('Worker') } } },
  })
  list(): { workers: WorkerHeartbeat[] } {
    const { registry, scheduler } = this.#coordinator;
    return {
      workers: scheduler.workers().map((worker) => {
        const run = worker.runId === null ? undefined : registry.get(worker.runId);
        return run?.record.kind === 'evaluation' ? { ...worker, evaluationOf: run.record.evaluation.runId } : worker;
      }),
    };
  }
}
