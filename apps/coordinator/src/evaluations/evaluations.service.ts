import { Inject, Injectable } from '@nestjs/common';
import type { EvaluationList, EvaluationRequest, EvaluationView } from '#contracts';
import { Coordinator } from '../coordinator.js';
import { evaluationView } from './evaluation-view.js';
import { isEvaluation, type EvaluationRun } from '../runs/live-run.js';
import type { Made } from '../submissions/answer-submission.js';
import { problem, ProblemException } from '../http/problem.js';
import { RunsService } from '../runs/runs.service.js';

/** What the REST routes for evaluations do. Throws problems. */
@Injectable()
export class EvaluationsService {
  readonly #coordinator: Coordinator;
  readonly #runs: RunsService;

  constructor(@Inject(Coordinator) coordinator: Coordinator, @Inject(RunsService) runs: RunsService) {
    this.#coordinator = coordinator;
    this.#runs = runs;
  }

  async submit(runId: string, request: EvaluationRequest, key: string | undefined): Promise<Made<EvaluationView>> {
    const run = this.#runs.find(runId);
    const { made, isReplay } = await this.#coordinator.evaluationSubmitter.submit(run, request, key);
    return { view: evaluationView(made), isReplay };
  }

  list(runId: string): EvaluationList {
    const { id } = this.#runs.find(runId);
    const evaluations = this.#coordinator.registry.evaluationsOf(id).map((run) => {
      const { result, ...rest } = evaluationView(run);
      if (result === null) return { ...rest, result };
      const { classes: _classes, confusion: _confusion, ...shares } = result;
      return { ...rest, result: shares };
    });
    return { evaluations };
  }

  show(runId: string, id: string): EvaluationView {
    return evaluationView(this.#find(runId, id));
  }

  async cancel(runId: string, id: string): Promise<EvaluationView> {
    const evaluation = this.#find(runId, id);
    const isDone = await evaluation.dispatch({ kind: 'cancel-requested', at: this.#coordinator.clock() });
    if (!isDone) throw new ProblemException(problem(409, `an evaluation that is ${evaluation.record.state} is over`));
    this.#coordinator.nudge();
    return evaluationView(evaluation);
  }

  #find(runId: string, id: string): EvaluationRun {
    const evaluation = this.#coordinator.registry.get(id);
    if (
      evaluation !== undefined &&
      isEvaluation(evaluation) &&
      evaluation.record.evaluation.runId === this.#runs.find(runId).id
    )
      return evaluation;
    throw new ProblemException(problem(404, `run ${runId} has no evaluation ${id}`));
  }
}
