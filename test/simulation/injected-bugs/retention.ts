import type { RetainedPush } from '../../../libs/parameter-server/src/client/retained-pushes.js';
import { RetainedPushes as Sound } from '../observers/retained-pushes.js';

/** An injected bug: a worker has nothing to tell a server that has lost what it was pushed. */
export class RetainedPushes extends Sound {
  override get all(): readonly RetainedPush[] {
    return [];
  }
}
