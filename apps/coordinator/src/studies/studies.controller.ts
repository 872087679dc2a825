import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiProduces, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { studySpecSchema, type StudyList, type StudyView, type Submission } from '#contracts';
import { csvTable, markdownTable } from './table-text.js';
import { answerSubmission, idempotencyKeySchema } from '../submissions/answer-submission.js';
import { reference } from '../http/openapi.js';
import { studiesQuerySchema, StudiesService } from './studies.service.js';
import { Submissions } from '../submissions/submissions.js';
import { validated } from '../http/validated.js';

const MEDIA_TYPES = { json: 'application/json', markdown: 'text/markdown', csv: 'text/csv' } as const;

/** Query of GET /v1/studies/:id/table; without it the Accept header decides. */
const tableQuerySchema = z.strictObject({ format: z.enum(['json', 'markdown', 'csv']).optional() });

/** Query of GET /v1/studies/:id/figures/NAME.svg. `auto` follows the reader's system. */
const figureQuerySchema = z.strictObject({
  theme: z.enum(['auto', 'light', 'dark']).default('auto'),
  /** Of no effect here: a page that shows the figure changes it whenever the figure is to be fetched anew. */
  at: z.string().max(64).optional(),
});

@ApiTags('studies')
@ApiResponse({
  status: '4XX',
  description: 'Refused',
  content: { 'application/problem+json': { schema: reference('Problem') } },
})
@Controller('v1/studies')
export class StudiesController {
  readonly #studies: StudiesService;
  readonly #submissions: Submissions;

  constructor(studies: StudiesService, submissions: Submissions) {
    this.#studies = studies;
    this.#submissions = submissions;
  }

  @Post()
  @ApiOperation({ summary: 'Submit a study: a grid of specs, each of which becomes a run' })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'The same key with the same body answers with the first study (200)',
  })
  @ApiBody({ schema: reference('StudySpec') })
  @ApiResponse({ status: 201, description: 'The study, whose runs are submitted next', schema: reference('Study') })
  @ApiResponse({
    status: 202,
    description: 'Still being checked: the submission to poll',
    schema: reference('Submission'),
  })
  async submit(
    @Body() body: unknown,
    @Headers('idempotency-key') key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StudyView | Submission> {
    const spec = validated(studySpecSchema, body, 'the study');
    const idempotencyKey = validated(idempotencyKeySchema, key, 'the Idempotency-Key header');
    const what = { kind: 'study', name: spec.name, locationOf: ({ id }: StudyView) => `/v1/studies/${id}` } as const;
    return answerSubmission(response, this.#submissions, what, (tell) =>
      this.#studies.submit(spec, idempotencyKey, tell),
    );
  }

  @Get()
  @ApiOperation({ summary: 'List studies, newest first' })
  @ApiQuery({ name: 'offset', required: false, type: Number })
  @ApiQuery({ name: 'limit', required: false, type: Number })
  @ApiResponse({ status: 200, schema: reference('StudyList') })
  list(@Query() query: unknown): StudyList {
    return this.#studies.list(validated(studiesQuerySchema, query, 'the query'));
  }

  @Get(':id')
  @ApiOperation({ summary: 'Show a study and the state of each of its runs' })
  @ApiResponse({ status: 200, schema: reference('Study') })
  show(@Param('id') id: string): Promise<StudyView> {
    return this.#studies.show(id);
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @ApiOperation({ summary: 'Cancel a study and all its runs at once and for good' })
  @ApiResponse({ status: 200, schema: reference('Study') })
  cancel(@Param('id') id: string): Promise<StudyView> {
    return this.#studies.cancel(id);
  }

  @Get(':id/table')
  @ApiOperation({ summary: 'Errors of every combination, mean and deviation over its seeds' })
  @ApiQuery({
    name: 'format',
    required: false,
    enum: Object.keys(MEDIA_TYPES),
    description: 'Default: by the Accept header',
  })
  @ApiProduces(...Object.values(MEDIA_TYPES))
  @ApiResponse({ status: 200, schema: reference('StudyTable') })
  async table(
    @Param('id') id: string,
    @Query() query: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { format } = validated(tableQuerySchema, query, 'the query');
    const table = await this.#studies.table(id);
    const accepted = format === undefined ? request.accepts(Object.values(MEDIA_TYPES)) : MEDIA_TYPES[format];
    response.vary('Accept');
    if (accepted === MEDIA_TYPES.markdown) response.type(MEDIA_TYPES.markdown).send(markdownTable(table));
    else if (accepted === MEDIA_TYPES.csv) response.type(MEDIA_TYPES.csv).send(csvTable(table));
    else response.json(table);
  }

  @Get(':id/figures/:file')
  @ApiOperation({ summary: 'A figure as SVG: error-by-iteration.svg, and error-by-AXIS.svg for every axis of numbers' })
  @ApiQuery({ name: 'theme', required: false, enum: ['auto', 'light', 'dark'] })
  @ApiQuery({
    name: 'at',
    required: false,
    description: 'Distinguishes versions of a figure for caches; otherwise without effect',
  })
  @ApiProduces('image/svg+xml')
  async figure(
    @Param('id') id: string,
    @Param('file') file: string,
    @Query() query: unknown,
    @Res() response: Response,
  ): Promise<void> {
    const { theme } = validated(figureQuerySchema, query, 'the query');
    const svg = await this.#studies.figure(id, file, theme);
    response.set('Cache-Control', 'no-cache').type('image/svg+xml').send(svg);
  }
}
