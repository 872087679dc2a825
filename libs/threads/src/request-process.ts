import type { ChildProcess } from 'node:child_process';
import type { ErrorClass } from './error-codec.js';
import { forkHelper } from './fork-helper.js';
import type { ReplyMessage } from './messages.js';
import { RequestClient, type AnswersOf, type RequestOptions, type Requests } from './request-client.js';

export interface RequestProcessOptions {
  /** Compiled entry of the process, which serves a `serveParent`. */
  readonly url: URL;
  /** For messages: `sample`. */
  readonly name: string;
  /** With requests that wait and no answer for so long the process is ended, milliseconds. */
  readonly answerWithinMs: number;
  /** With nothing to do it is ended after so long, milliseconds. */
  readonly idleMs: number;
  /** Classes of errors, beside the contracts', that the process throws and who asks tells apart. */
  readonly errors?: readonly ErrorClass[];
}

/** The process ended, or gave no answer in time: what was asked of it is not answered. The next request starts another. */
export class ProcessEndedError extends Error {
  override readonly name = 'ProcessEndedError';
}

/**
 * The asker's end of a process that answers requests, for what may hang in a call of the file system or take memory without a
 * limit. It starts with the first request, and keeps nobody from ending.
 */
export class RequestProcess<
  Request extends { readonly kind: string },
  Answers extends AnswersOf<Request>,
> implements Requests<Request, Answers> {
  readonly #options: RequestProcessOptions;
  readonly #client: RequestClient<Request, Answers>;
  #child: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RequestProcessOptions) {
    this.#options = options;
    this.#client = new RequestClient({
      post: (message) => {
        this.#child ??= this.#start();
        // One that has just ended answers by its exit.
        this.#child.send(message, () => undefined);
      },
      errors: options.errors,
    });
  }

  get load(): number {
    return this.#client.load;
  }

  /** Buffers are copied. */
  async request<R extends Request>(
    request: R,
    options?: Pick<RequestOptions, 'signal'>,
  ): Promise<{ readonly value: Answers[R['kind']]; readonly elapsedMs: number }> {
    if (this.load === 0) this.#watch(this.#options.answerWithinMs);
    return await this.#client.request(request, options);
  }

  /** Ends the process; what was asked of it, and whatever will be, rejects. */
  close(): Promise<void> {
    this.#client.fail(new ProcessEndedError(`the ${this.#options.name} process is closed`));
    this.#end();
    return Promise.resolve();
  }

  #start(): ChildProcess {
    const child = forkHelper(this.#options.url);
    child.on('message', (reply: ReplyMessage<Answers[Request['kind']]>) => {
      this.#client.receive(reply);
      this.#watch(this.load > 0 ? this.#options.answerWithinMs : this.#options.idleMs);
    });
    child.once('exit', (code, signal) => {
      if (this.#child !== child) return;
      this.#end();
      this.#client.reject(
        new ProcessEndedError(`the ${this.#options.name} process ended with ${signal ?? `code ${code}`}`),
      );
    });
    return child;
  }

  #watch(limitMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#end();
      this.#client.reject(
        new ProcessEndedError(`the ${this.#options.name} process gave no answer within ${limitMs / 1000} s`),
      );
    }, limitMs).unref();
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }
}
