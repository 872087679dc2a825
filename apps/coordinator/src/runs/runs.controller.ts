import { Controller, Get, Headers, HttpCode, Param, Patch, Post, Query, Body, Res } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import {
  runChangesSchema,
  submittedRunSchema,
  type LedgerPage,
  type RunList,
  type RunMetrics,
  type RunView,
  type ShownCheckpoint,
  type Submission,
} from '#contracts';
import { answerSubmission, idempotencyKeySchema } from '../submissions/answer-submission.js';
import { reference } from '../http/openapi.js';
import { ledgerQuerySchema, metricsQuerySchema, RunsService } from './runs.service.js';
import { runsQuerySchema } from './run-query.js';
import { ApiRunsQuery } from './run-query-parameters.js';
import { Submissions } from '../submissions/submissions.js';
import { validated } from '../http/validated.js';

@ApiTags('runs')
@ApiResponse({
  status: '4XX',
  description: 'Refused',
  content: { 'application/problem+json': { schema: reference('Problem') } },
})
@Controller('v1/runs')
export class RunsController {
  readonly #runs: RunsService;
  readonly #submissions: Submissions;

  constructor(runs: RunsService, submissions: Submissions) {
    this.#runs = runs;
    this.#submissions = submissions;
  }

  @Post()
  @ApiOperation({
    summary: 'Submit a run',
    description:
      '`recipe` may name a recipe (GET /v1/recipes) that fills in the missing fields, and `dataset` a data set (GET /v1/datasets)',
  })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'The same key with the same body answers with the first run (200)',
  })
  @ApiBody({ schema: reference('SubmittedRun') })
  @ApiResponse({ status: 201, description: 'The run, which waits for workers', schema: reference('Run') })
  @ApiResponse({
    status: 202,
    description: 'Still being checked: the submission to poll',
    schema: reference('Submission'),
  })
  async submit(
    @Body() body: unknown,
    @Headers('idempotency-key') key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RunView | Submission> {
    const spec = validated(submittedRunSchema, body, 'the run');
    const idempotencyKey = validated(idempotencyKeySchema, key, 'the Idempotency-Key header');
    const what = { kind: 'run', name: spec.name, locationOf: ({ id }: RunView) => `/v1/runs/${id}` } as const;
    return answerSubmission(response, this.#submissions, what, (tell) => this.#runs.submit(spec, idempotencyKey, tell));
  }

  @Get()
  @ApiOperation({ summary: 'List and search runs' })
  @ApiRunsQuery()
  @ApiResponse({ status: 200, schema: reference('RunList') })
  list(@Query() query: unknown): RunList {
    return this.#runs.list(validated(runsQuerySchema, query, 'the query'));
  }

  @Get(':id')
  @ApiOperation({ summary: 'Show a run' })
  @ApiResponse({ status: 200, schema: reference('Run') })
  show(@Param('id') id: string): Promise<RunView> {
    return this.#runs.show(id);
  }

  @Patch(':id')
  @ApiOperation({
    summary: 'Change name, tags, notes or archive mark of a run',
    description: 'Fields left out stay. Allowed in every state; only a run that is over can be archived',
  })
  @ApiBody({ schema: reference('RunChanges') })
  @ApiResponse({ status: 200, schema: reference('Run') })
  edit(@Param('id') id: string, @Body() body: unknown): Promise<RunView> {
    return this.#runs.edit(id, validated(runChangesSchema, body, 'the change'));
  }

  @Post(':id/pause')
  @HttpCode(200)
  @ApiOperation({ summary: 'Pause a run: its workers write a checkpoint and leave' })
  @ApiResponse({ status: 200, schema: reference('Run') })
  pause(@Param('id') id: string): Promise<RunView> {
    return this.#runs.steer(id, 'pause');
  }

  @Post(':id/resume')
  @HttpCode(200)
  @ApiOperation({ summary: 'Resume a paused run: it waits for workers again' })
  @ApiResponse({ status: 200, schema: reference('Run') })
  resume(@Param('id') id: string): Promise<RunView> {
    return this.#runs.steer(id, 'resume');
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @ApiOperation({ summary: 'Cancel a run at once and for good' })
  @ApiResponse({ status: 200, schema: reference('Run') })
  cancel(@Param('id') id: string): Promise<RunView> {
    return this.#runs.steer(id, 'cancel');
  }

  @Get(':id/metrics')
  @ApiOperation({ summary: 'Steps and evaluations, decimated to `points` steps that draw the same curve' })
  @ApiQuery({ name: 'from', required: false, type: Number, description: 'First step. Default 1' })
  @ApiQuery({ name: 'to', required: false, type: Number, description: 'Last step. Default: the newest' })
  @ApiQuery({ name: 'points', required: false, type: Number, description: 'Maximum number of steps. Default 1000' })
  @ApiResponse({ status: 200, schema: reference('RunMetrics') })
  metrics(@Param('id') id: string, @Query() query: unknown): Promise<RunMetrics> {
    return this.#runs.metrics(id, validated(metricsQuerySchema, query, 'the query'));
  }

  @Get(':id/ledger')
  @ApiOperation({
    summary: 'Every committed step with its loss, the digest of its reduced gradient and the hash chain',
  })
  @ApiQuery({ name: 'from', required: false, type: Number, description: 'First step. Default 1' })
  @ApiQuery({ name: 'limit', required: false, type: Number, description: 'Maximum number of steps. Default 1000' })
  @ApiResponse({ status: 200, schema: reference('LedgerPage') })
  ledger(@Param('id') id: string, @Query() query: unknown): Promise<LedgerPage> {
    return this.#runs.ledger(id, validated(ledgerQuerySchema, query, 'the query'));
  }

  @Get(':id/checkpoints')
  @ApiOperation({ summary: 'Checkpoints on disk, oldest first' })
  @ApiResponse({
    status: 200,
    schema: { type: 'object', properties: { checkpoints: { type: 'array', items: reference('Checkpoint') } } },
  })
  async checkpoints(@Param('id') id: string): Promise<{ checkpoints: readonly ShownCheckpoint[] }> {
    return { checkpoints: (await this.#runs.show(id)).checkpoints };
  }
}
