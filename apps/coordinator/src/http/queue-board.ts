import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import type { AppViewRoute } from '@bull-board/api/typings/app';
import { Injectable } from '@nestjs/common';
import type { RequestHandler, Response } from 'express';
import type { ShardQueue } from '#queue';
import { Publisher } from '../scheduling/publisher.js';
import { publicPath } from './public-path.js';

const PATH = '/queues';

/** Its page names the address of every request's own prefix. */
class PrefixedAdapter extends ExpressAdapter {
  override setEntryRoute(entry: AppViewRoute): this {
    this.app[entry.method](entry.route, (_request: unknown, response: Response) => {
      const { name, params } = entry.handler({ basePath: publicPath(response, PATH), uiConfig: this.uiConfig });
      response.render(name, params);
    });
    return this;
  }
}

/** BullMQ's board at /queues, to look at only: a shard taken away by hand would stop its run. */
@Injectable()
export class QueueBoard {
  readonly #publisher: Publisher;
  readonly #server = new PrefixedAdapter();
  readonly #board;
  #shown: readonly ShardQueue[] = [];

  constructor(publisher: Publisher) {
    this.#publisher = publisher;
    this.#server.setBasePath(PATH);
    this.#board = createBullBoard({ queues: [], serverAdapter: this.#server });
  }

  /** Shows the queues that are there when it is asked. */
  get handler(): RequestHandler {
    const router = this.#server.getRouter() as RequestHandler;
    return (request, response, next) => {
      this.#show(this.#publisher.queues);
      return router(request, response, next);
    };
  }

  #show(queues: readonly ShardQueue[]): void {
    if (queues === this.#shown) return;
    this.#shown = queues;
    this.#board.replaceQueues(queues.map(({ queue }) => new BullMQAdapter(queue, { readOnlyMode: true })));
  }
}
