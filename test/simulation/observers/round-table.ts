import { RoundTable as Production } from '../../../libs/parameter-server/src/reduce/round-table.js';
import type { SimulatedProcess } from '../world/simulated-process.js';
import { currentProcess, currentWorld } from '../world/world.js';

/** The production class, which also tells the world what a server was given and has not forgotten. */
export class RoundTable<Value, Participant> extends Production<Value, Participant> {
  readonly process: SimulatedProcess = currentProcess();
  /** Elements of each node's vector, by round and node. */
  #given = new Map<string, Map<number, number>>();

  constructor(...parameters: ConstructorParameters<typeof Production<Value, Participant>>) {
    super(...parameters);
    currentWorld().tables.add(this);
  }

  override push(
    ...[participant, push]: Parameters<Production<Value, Participant>['push']>
  ): ReturnType<Production<Value, Participant>['push']> {
    const answer = super.push(participant, push);
    const { round, node, lo, hi } = push;
    const key = `${round} ${node.lo} ${node.hi}`;
    this.#given.set(key, (this.#given.get(key) ?? new Map<number, number>()).set(lo, hi));
    return answer;
  }

  override clear(): void {
    super.clear();
    this.#given = new Map();
  }

  /** Where the ranges of a node's vector begin that this server was given, each with its end. */
  rangesOf(round: number, node: { readonly lo: number; readonly hi: number }): ReadonlyMap<number, number> {
    return this.rounds.includes(round) ? (this.#given.get(`${round} ${node.lo} ${node.hi}`) ?? new Map()) : new Map();
  }
}
