import { Inject, Injectable } from '@nestjs/common';
import type { EvaluationList, EvaluationRequest, EvaluationView } from '#contracts';
import { CLOCK } from '../config/settings.js';
import { isEvaluation, type EvaluationRun } from '../runs/live-run.js';
import { RunRegistry } from '../runs/run-registry.js';
import type { Made } from '../submissions/answer-submission.js';
import { problem, ProblemException } from '../http/problem.js';
import { RunsService } from '../runs/runs.service.js';
import { SchedulingLoop } from '../scheduling/scheduling-loop.js';
import { evaluationView } from './evaluation-view.js';
import { EvaluationSubmitter } from './submit-evaluation.js';

/** What the REST routes for evaluations do. Throws problems. */
@Injectable()
export class EvaluationsService {
  readonly #registry: RunRegistry;
  readonly #submitter: EvaluationSubmitter;
  readonly #scheduling: SchedulingLoop;
  readonly #clock: () => number;
  readonly #runs: RunsService;

  constructor(
    runs: RunsService,
    registry: RunRegistry,
    submitter: EvaluationSubmitter,
    scheduling: SchedulingLoop,
    @Inject(CLOCK) clock: () => number,
  ) {
    this.#runs = runs;
    this.#registry = registry;
    this.#submitter = submitter;
    this.#scheduling = scheduling;
    this.#clock = clock;
  }

  async submit(runId: string, request: EvaluationRequest, key: string | undefined): Promise<Made<EvaluationView>> {
    const run = await this.#runs.find(runId);
    const { made, isReplay } = await this.#submitter.submit(run, request, key);
    return { view: evaluationView(made), isReplay };
  }

  async list(runId: string): Promise<EvaluationList> {
    const { id } = await this.#runs.find(runId);
    const evaluations = (await this.#registry.evaluationsOf(id)).map((run) => {
      const { result, ...rest } = evaluationView(run);
      if (result === null) return { ...rest, result };
      const { classes: _classes, confusion: _confusion, ...shares } = result;
      return { ...rest, result: shares };
    });
    return { evaluations };
  }

  async show(runId: string, id: string): Promise<EvaluationView> {
    return evaluationView(await this.#find(runId, id));
  }

  async cancel(runId: string, id: string): Promise<EvaluationView> {
    const evaluation = await this.#find(runId, id);
    const isDone = await evaluation.dispatch({ kind: 'cancel-requested', at: this.#clock() });
    if (!isDone) throw new ProblemException(problem(409, `an evaluation that is ${evaluation.record.state} is over`));
    this.#scheduling.nudge();
    return evaluationView(evaluation);
  }

  async #find(runId: string, id: string): Promise<EvaluationRun> {
    const run = await this.#runs.find(runId);
    const evaluation = await this.#registry.find(id);
    if (evaluation !== undefined && isEvaluation(evaluation) && evaluation.record.evaluation.runId === run.id)
      return evaluation;
    throw new ProblemException(problem(404, `run ${runId} has no evaluation ${id}`));
  }
}
