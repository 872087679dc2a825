import { Body, Controller, Headers, Param, Post, Res } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { cloneRequestSchema, type RunView, type Submission } from '#contracts';
import { reference } from '../http/openapi.js';
import { validated } from '../http/validated.js';
import { answerSubmission, idempotencyKeySchema } from '../submissions/answer-submission.js';
import { Submissions } from '../submissions/submissions.js';
import { ClonesService } from './clones.service.js';

@ApiTags('runs')
@ApiResponse({
  status: '4XX',
  description: 'Refused',
  content: { 'application/problem+json': { schema: reference('Problem') } },
})
@Controller('v1/runs/:id/clone')
export class ClonesController {
  readonly #clones: ClonesService;
  readonly #submissions: Submissions;

  constructor(clones: ClonesService, submissions: Submissions) {
    this.#clones = clones;
    this.#submissions = submissions;
  }

  @Post()
  @ApiOperation({
    summary: 'Submit a new run with the spec of this one and changes',
    description:
      '`changes` is a JSON merge patch (RFC 7396) of the spec; null gives a field its default. With `checkpoint` the run goes on from there',
  })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'The same key with the same body answers with the first clone (200)',
  })
  @ApiBody({ schema: reference('CloneRequest') })
  @ApiResponse({ status: 201, description: 'The run, which waits for workers', schema: reference('Run') })
  @ApiResponse({
    status: 202,
    description: 'Still being checked: the submission to poll',
    schema: reference('Submission'),
  })
  async clone(
    @Param('id') id: string,
    @Body() body: unknown,
    @Headers('idempotency-key') key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RunView | Submission> {
    const request = validated(cloneRequestSchema, body ?? {}, 'the clone');
    const idempotencyKey = validated(idempotencyKeySchema, key, 'the Idempotency-Key header');
    const locationOf = (view: RunView): string => `/v1/runs/${view.id}`;
    const what = { kind: 'run', name: request.name ?? `clone of ${id}`, locationOf } as const;
    return answerSubmission(response, this.#submissions, what, (tell) =>
      this.#clones.clone(id, request, idempotencyKey, tell),
    );
  }
}
