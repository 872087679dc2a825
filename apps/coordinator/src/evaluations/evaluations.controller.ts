import { Body, Controller, Get, Headers, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { evaluationRequestSchema, type EvaluationList, type EvaluationView, type Submission } from '#contracts';
import { answerSubmission, idempotencyKeySchema } from '../submissions/answer-submission.js';
import { EvaluationsService } from './evaluations.service.js';
import { reference } from '../http/openapi.js';
import { Submissions } from '../submissions/submissions.js';
import { validated } from '../http/validated.js';

@ApiTags('evaluations')
@ApiResponse({
  status: '4XX',
  description: 'Refused',
  content: { 'application/problem+json': { schema: reference('Problem') } },
})
@Controller('v1/runs/:id/evaluations')
export class EvaluationsController {
  readonly #evaluations: EvaluationsService;
  readonly #submissions: Submissions;

  constructor(evaluations: EvaluationsService, submissions: Submissions) {
    this.#evaluations = evaluations;
    this.#submissions = submissions;
  }

  @Post()
  @ApiOperation({ summary: "Evaluate a run's weights by a testing protocol, alone or in an ensemble" })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'The same key with the same body answers with the first evaluation (200)',
  })
  @ApiBody({ schema: reference('EvaluationRequest') })
  @ApiResponse({
    status: 201,
    description: 'The evaluation, which waits for workers',
    schema: reference('EvaluationOfRun'),
  })
  @ApiResponse({
    status: 202,
    description: 'Still being checked: the submission to poll',
    schema: reference('Submission'),
  })
  async submit(
    @Param('id') id: string,
    @Body() body: unknown,
    @Headers('idempotency-key') key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<EvaluationView | Submission> {
    const request = validated(evaluationRequestSchema, body ?? {}, 'the evaluation');
    const idempotencyKey = validated(idempotencyKeySchema, key, 'the Idempotency-Key header');
    const locationOf = (view: EvaluationView): string => `/v1/runs/${view.runId}/evaluations/${view.id}`;
    const what = { kind: 'evaluation', name: id, locationOf } as const;
    return answerSubmission(response, this.#submissions, what, () =>
      this.#evaluations.submit(id, request, idempotencyKey),
    );
  }

  @Get()
  @ApiOperation({ summary: 'List the evaluations of a run, newest first' })
  @ApiResponse({ status: 200, schema: reference('EvaluationList') })
  list(@Param('id') id: string): Promise<EvaluationList> {
    return this.#evaluations.list(id);
  }

  @Get(':evaluationId')
  @ApiOperation({ summary: 'Show an evaluation, with classes and confusions once it is done' })
  @ApiResponse({ status: 200, schema: reference('EvaluationOfRun') })
  show(@Param('id') id: string, @Param('evaluationId') evaluationId: string): Promise<EvaluationView> {
    return this.#evaluations.show(id, evaluationId);
  }

  @Post(':evaluationId/cancel')
  @HttpCode(200)
  @ApiOperation({ summary: 'Cancel an evaluation at once and for good' })
  @ApiResponse({ status: 200, schema: reference('EvaluationOfRun') })
  cancel(@Param('id') id: string, @Param('evaluationId') evaluationId: string): Promise<EvaluationView> {
    return this.#evaluations.cancel(id, evaluationId);
  }
}
