import { Controller, Get, Headers, Param, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiProduces, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { LogList, LogTail } from '#contracts';
import { EventStream } from '../http/event-stream.js';
import { reference } from '../http/openapi.js';
import { validated } from '../http/validated.js';
import { followQuerySchema, LogsService, tailQuerySchema } from './logs.service.js';

@ApiTags('logs')
@Controller('v1/logs')
export class LogsController {
  readonly #logs: LogsService;

  constructor(logs: LogsService) {
    this.#logs = logs;
  }

  @Get()
  @ApiOperation({ summary: 'List the logs of the processes that `skiplane up` started' })
  @ApiResponse({ status: 200, schema: reference('LogList') })
  list(): Promise<LogList> {
    return this.#logs.list();
  }

  @Get(':name')
  @ApiOperation({ summary: 'Read the last lines of a log' })
  @ApiQuery({ name: 'lines', required: false, description: 'Default: 200' })
  @ApiResponse({ status: 200, schema: reference('LogTail') })
  tail(@Param('name') name: string, @Query() query: unknown): Promise<LogTail> {
    return this.#logs.tail(name, validated(tailQuerySchema, query, 'the query').lines);
  }

  @Get(':name/follow')
  @ApiOperation({ summary: 'Follow a log: `lines` events (string[]) with the position after them as id' })
  @ApiQuery({ name: 'lines', required: false, description: 'Lines before the new ones. Default: 0' })
  @ApiQuery({ name: 'from', required: false, description: 'Position of an answer to go on from' })
  @ApiHeader({ name: 'Last-Event-ID', required: false, description: 'The same, as browsers send it' })
  @ApiProduces('text/event-stream')
  follow(
    @Param('name') name: string,
    @Query() query: Record<string, unknown>,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res() response: Response,
  ): Promise<void> {
    const from = lastEventId === undefined ? {} : { from: lastEventId };
    const wish = validated(followQuerySchema, { ...query, ...from }, 'the query');
    return this.#logs.follow(name, wish, () => new EventStream(response));
  }
}
