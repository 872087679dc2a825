import { Module, type DynamicModule } from '@nestjs/common';
import { Coordinator } from './coordinator.js';
import { EvaluationsController } from './evaluations/evaluations.controller.js';
import { EvaluationsService } from './evaluations/evaluations.service.js';
import { ExportsController } from './exports/exports.controller.js';
import { HealthController } from './health/health.controller.js';
import { PredictionsController } from './predictions/predictions.controller.js';
import { PredictionsService } from './predictions/predictions.service.js';
import { RecipesController } from './runs/recipes.controller.js';
import { RunEventsController } from './runs/run-events.controller.js';
import { RunsController } from './runs/runs.controller.js';
import { RunsService } from './runs/runs.service.js';
import { StudiesController } from './studies/studies.controller.js';
import { StudiesService } from './studies/studies.service.js';
import { SubmissionsController } from './submissions/submissions.controller.js';
import { Submissions } from './submissions/submissions.js';
import { WeightsController } from './runs/weights.controller.js';
import { WorkersController } from './workers/workers.controller.js';

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
