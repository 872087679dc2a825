import { Controller, Get, Headers, Param, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import { RunsService } from './runs.service.js';
import { EventStream } from '../http/event-stream.js';

/** The number of a journal line; all of them where it is absent or none. */
const lastEventIdSchema = z.coerce.number().int().min(0).default(0).catch(0);

@ApiTags('runs')
@Controller('v1/runs')
export class RunEventsController {
  readonly #runs: RunsService;

  constructor(runs: RunsService) {
    this.#runs = runs;
  }

  @Get(':id/events')
  @ApiOperation({
    summary: 'Follow a run: `journal` events with ids, `progress` (Run) and `steps` (StepMetrics[]) twice a second',
  })
  @ApiHeader({ name: 'Last-Event-ID', required: false, description: 'Only journal lines after this one. Default: all' })
  @ApiProduces('text/event-stream')
  async follow(
    @Param('id') id: string,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res() response: Response,
  ): Promise<void> {
    const run = await this.#runs.find(id);
    const after = lastEventIdSchema.parse(lastEventId);
    const missed = await run.detail.eventsAfter(after);
    // From here on without waiting: no line may fall between the journal so far and the feed.
    const stream = new EventStream(response);
    stream.journal(missed);
    stream.progress(this.#runs.view(run), []);
    stream.onClose(
      run.feed.follow({
        onJournal: (events) => stream.journal(events),
        onProgress: (view, steps) => stream.progress(view, steps),
        onEnd: () => stream.end(),
      }),
    );
  }
}
