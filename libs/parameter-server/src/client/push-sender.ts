import type { OpenPush } from '../exchange.js';
import type { Pushed, RetainedPush, RetainedPushes } from './retained-pushes.js';
import type { ServerLink } from './server-link.js';

export interface PushSenderOptions {
  readonly pushes: RetainedPushes;
  readonly links: readonly ServerLink[];
  /** In sole-member mode a push that is its round's root is committed, and not sent: true. */
  readonly commit: (push: RetainedPush) => boolean;
  /** In sole-member mode. */
  readonly isSoleMember: () => boolean;
}

/** Where pushes go, whole or part by part: to the servers, or, of a sole member, nowhere. */
export class PushSender {
  readonly #options: PushSenderOptions;

  constructor(options: PushSenderOptions) {
    this.#options = options;
  }

  push(pushed: Pushed, vector: Float32Array): void {
    this.#sendUnlessCommitted(this.#options.pushes.add(pushed, vector));
  }

  /** What is known of the vector is sent as it becomes known; a sole member waits for the whole of it. */
  begin(pushed: Pushed, length: number): OpenPush {
    const { pushes, links, isSoleMember } = this.#options;
    const push = pushes.begin(pushed, length);
    if (!isSoleMember()) this.#send(push);
    return {
      fill: (lo, values) => {
        if (!pushes.fill(push, lo, values)) return;
        if (push.isSent) for (const link of links) link.filled();
        else if (isWhole(push)) this.#sendUnlessCommitted(push);
      },
    };
  }

  /** Commits what a sole member has of the rounds from this one on, of which the servers know nothing. */
  commitFrom(round: number): void {
    for (const push of this.#options.pushes.all) if (push.round >= round && isWhole(push)) this.#options.commit(push);
  }

  /** What a sole member kept to itself goes to the servers. Returns whether there was anything. */
  sendAll(): boolean {
    const { all } = this.#options.pushes;
    for (const push of all) this.#send(push);
    return all.length > 0;
  }

  #sendUnlessCommitted(push: RetainedPush): void {
    if (this.#options.isSoleMember() && this.#options.commit(push)) return;
    this.#send(push);
  }

  #send(push: RetainedPush): void {
    push.isSent = true;
    for (const link of this.#options.links) link.push(push);
  }
}

const isWhole = ({ filled, vector }: RetainedPush): boolean => filled.covers({ lo: 0, hi: vector.length });
