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
  @ApiOperation({ summary: 'What was submitted and is still looked at, and what became of it; newest first' })
  @ApiResponse({ status: 200, schema: reference('SubmissionList') })
  list(): SubmissionList {
    return { submissions: this.#submissions.list() };
  }

  @Get(':id')
  @ApiOperation({ summary: 'Show a submission: how far it is, the address of what was made, or why it was refused' })
  @ApiResponse({ status: 200, schema: reference('Submission') })
  show(@Param('id') id: string): Submission {
    return this.#submissions.find(id);
  }
}
