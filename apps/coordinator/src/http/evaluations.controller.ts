import { Body, Controller, Get, HttpCode, Inject, Param, Post, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { evaluationRequestSchema, type EvaluationList, type EvaluationView } from '#contracts';
import { EvaluationsService } from './evaluations.service.js';
import { reference } from './openapi.js';
import { publicPath } from './public-path.js';
import { validated } from './validated.js';

@ApiTags('evaluations')
@ApiResponse({
  status: '4XX',
  description: 'Refused',
  content: { 'application/problem+json': { schema: reference('Problem') } },
})
@Controller('v1/runs/:id/evaluations')
export class EvaluationsController {
  constructor(@Inject(EvaluationsService) private readonly evaluations: EvaluationsService) {}

  @Post()
  @ApiOperation({ summary: "Evaluate a run's weights by a testing protocol, alone or in an ensemble" })
  @ApiBody({ schema: reference('EvaluationRequest') })
  @ApiResponse({ status: 201, description: 'It waits to be given workers', schema: reference('EvaluationOfRun') })
  async submit(
    @Param('id') id: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) response: Response,
  ): Promise<EvaluationView> {
    const request = validated(evaluationRequestSchema, body ?? {}, 'the evaluation');
    const view = await this.evaluations.submit(id, request);
    response.location(publicPath(response, `/v1/runs/${view.runId}/evaluations/${view.id}`));
    return view;
  }

  @Get()
  @ApiOperation({ summary: 'List the evaluations of a run, newest first' })
  @ApiResponse({ status: 200, schema: reference('EvaluationList') })
  list(@Param('id') id: string): EvaluationList {
    return this.evaluations.list(id);
  }

  @Get(':evaluationId')
  @ApiOperation({ summary: 'Show an evaluation, with classes and confusions once it is done' })
  @ApiResponse({ status: 200, schema: reference('EvaluationOfRun') })
  show(@Param('id') id: string, @Param('evaluationId') evaluationId: string): EvaluationView {
    return this.evaluations.show(id, evaluationId);
  }

  @Post(':evaluationId/cancel')
  @HttpCode(200)
  @ApiOperation({ summary: 'End an evaluation at once and for good' })
  @ApiResponse({ status: 200, schema: reference('EvaluationOfRun') })
  cancel(@Param('id') id: string, @Param('evaluationId') evaluationId: string): Promise<EvaluationView> {
    return this.evaluations.cancel(id, evaluationId);
  }
}
