import { Module, type DynamicModule } from '@nestjs/common';
import { Coordinator } from './coordinator.js';
import { EvaluationsController } from './http/evaluations.controller.js';
import { EvaluationsService } from './http/evaluations.service.js';
import { ExportsController } from './http/exports.controller.js';
import { HealthController } from './http/health.controller.js';
import { PredictionsController } from './http/predictions.controller.js';
import { PredictionsService } from './http/predictions.service.js';
import { RecipesController } from './http/recipes.controller.js';
import { RunEventsController } from './http/run-events.controller.js';
import { RunsController } from './http/runs.controller.js';
import { RunsService } from './http/runs.service.js';
import { StudiesController } from './http/studies.controller.js';
import { StudiesService } from './http/studies.service.js';
import { SubmissionsController } from './http/submissions.controller.js';
import { Submissions } from './http/submissions.js';
import { WeightsController } from './http/weights.controller.js';
import { WorkersController } from './http/workers.controller.js';

@Module({
  controllers: [
    RunsController,
    RunEventsController,
    SubmissionsController,
    WeightsController,
    WorkersController,
    HealthController,
    StudiesController,
    EvaluationsController,
    RecipesController,
    PredictionsController,
    ExportsController,
  ],
})
// oxlint-disable-next-line typescript/no-extraneous-class -- Nest knows a module by its class.
class CoordinatorModule {}

/** Nest's view of a coordinator that runs already: the HTTP side only. */
export function coordinatorModule(coordinator: Coordinator, submissions: Submissions): DynamicModule {
  return {
    module: CoordinatorModule,
    providers: [
      RunsService,
      StudiesService,
      EvaluationsService,
      PredictionsService,
      { provide: Coordinator, useValue: coordinator },
      { provide: Submissions, useValue: submissions },
    ],
  };
}
