import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import type { RequestHandler } from 'express';
import type { ShardQueue } from '#queue';

/** BullMQ's board at /queues, to look at only: a shard taken away by hand would stop its run. */
export class QueueBoard {
  private readonly server = new ExpressAdapter();
  private readonly board;

  constructor() {
    this.server.setBasePath('/queues');
    this.board = createBullBoard({ queues: [], serverAdapter: this.server });
  }

  get handler(): RequestHandler {
    return this.server.getRouter() as RequestHandler;
  }

  show(queues: readonly ShardQueue[]): void {
    this.board.replaceQueues(queues.map(({ queue }) => new BullMQAdapter(queue, { readOnlyMode: true })));
  }
}
