import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import type { AppViewRoute } from '@bull-board/api/typings/app';
import type { RequestHandler, Response } from 'express';
import type { ShardQueue } from '#queue';
import { publicPath } from '../http/public-path.js';

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
export class QueueBoard {
  readonly #server = new PrefixedAdapter();
  readonly #board;

  constructor() {
    this.#server.setBasePath(PATH);
    this.#board = createBullBoard({ queues: [], serverAdapter: this.#server });
  }

  get handler(): RequestHandler {
    return this.#server.getRouter() as RequestHandler;
  }

  show(queues: readonly ShardQueue[]): void {
    this.#board.replaceQueues(queues.map(({ queue }) => new BullMQAdapter(queue, { readOnlyMode: true })));
  }
}
