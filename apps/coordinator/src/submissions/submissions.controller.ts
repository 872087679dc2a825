import { Controller, Get, Param } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Submission, SubmissionList } from '#contracts';
import { reference } from '../http/openapi.js';
import { Submissions } from './submissions.js';

@ApiTags('submissions')
@Controller('v1/submissions')
export class SubmissionsController {
  readonly #submissions: Submissions;

  constructor(submissions: Submissions) {
    this.#submissions = submissions;
  }

  @Get()
  @ApiOperation({ summary: 'List submissions in progress and finished ones, newest first' })
  @ApiResponse({ status: 200, schema: reference('SubmissionList') })
  list(): SubmissionList {
    return { submissions: this.#submissions.list() };
  }

  @Get(':id')
  @ApiOperation({
    summary: 'Show a submission: its progress, the location of its result, or the reason of its refusal',
  })
  @ApiResponse({ status: 200, schema: reference('Submission') })
  show(@Param('id') id: string): Submission {
    return this.#submissions.find(id);
  }
}
