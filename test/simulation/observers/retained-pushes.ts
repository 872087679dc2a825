import {
  RetainedPushes as Production,
  type RetainedPush,
} from '../../../libs/parameter-server/src/client/retained-pushes.js';
import type { SimulatedProcess } from '../world/simulated-process.js';
import { currentProcess, currentWorld } from '../world/world.js';

/** The production class, which also tells the world what a worker keeps of a round that is not committed. */
export class RetainedPushes extends Production {
  readonly process: SimulatedProcess = currentProcess();
  #committed = -1;

  constructor() {
    super();
    currentWorld().kept.add(this);
  }

  get uncommitted(): readonly RetainedPush[] {
    return super.all.filter(({ round }) => round > this.#committed);
  }

  override committed(round: number): void {
    this.#committed = Math.max(this.#committed, round);
    super.committed(round);
  }
}
