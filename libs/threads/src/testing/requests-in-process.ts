import type { RequestMessage } from '../messages.js';
import { RequestClient, type AnswersOf, type RequestOptions, type Requests } from '../request-client.js';
import { RequestServer, type RequestService } from '../request-server.js';
import { ThreadEndedError } from '../request-thread.js';

/** A thread without a thread: client and server are the real ones, messages are microtasks. */
export class RequestsInProcess<
  Request extends { readonly kind: string },
  Answers extends AnswersOf<Request>,
> implements Requests<Request, Answers> {
  /** All that was sent, in order. */
  readonly messages: RequestMessage<Request>[] = [];
  readonly #client: RequestClient<Request, Answers>;

  constructor(service: RequestService<Request, Answers[Request['kind']]>) {
    const server = new RequestServer({
      service,
      post: (reply) => queueMicrotask(() => this.#client.receive(reply)),
    });
    this.#client = new RequestClient({
      post: (message) => {
        this.messages.push(message);
        queueMicrotask(() => server.receive(message));
      },
    });
  }

  /** Requests sent, in order. */
  get requests(): readonly Request[] {
    return this.messages.flatMap((message) => ('request' in message ? [message.request] : []));
  }

  get numCancelled(): number {
    return this.messages.length - this.requests.length;
  }

  get load(): number {
    return this.#client.load;
  }

  request<R extends Request>(
    request: R,
    options?: RequestOptions,
  ): Promise<{ readonly value: Answers[R['kind']]; readonly elapsedMs: number }> {
    return this.#client.request(request, options);
  }

  /** As a thread that ends by itself. */
  async close(): Promise<void> {
    this.#client.fail(new ThreadEndedError('the thread ended'));
  }
}
