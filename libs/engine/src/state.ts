import { chosenOptimizer, RefusedInputError } from '#contracts';
import type { NetworkState, VectorLayout } from '#resnet';
import { mapValues } from './named.js';
import type { StepConfig } from './step-config.js';

/** Something for each vector of a replica's state. The vectors are flat, in VectorLayout order. */
export interface StateOf<Each> {
  /** Weights. */
  readonly parameters: Each;
  /** Running statistics of batch normalisations. */
  readonly statistics: Each;
  /** What the optimiser remembers of the trained parameters, by its names. */
  readonly slots: Readonly<Record<string, Each>>;
  /** Running averages, of engines that keep them. Left out when a state is written, they begin as the weights. */
  readonly average?: AverageOf<Each>;
}

export interface AverageOf<Each> {
  readonly parameters: Each;
  readonly statistics: Each;
}

/** The state of a replica. Belongs to the receiver. */
export type ReplicaState = StateOf<Float32Array<ArrayBuffer>>;

const SLOT = 'slots/';
const AVERAGE = 'average/';

/** A state's vectors by name: `parameters`, `statistics`, `slots/momentum`, `average/parameters`, ... */
export function byName<Each>({
  parameters,
  statistics,
  slots,
  average,
}: StateOf<Each>): Readonly<Record<string, Each>> {
  return {
    parameters,
    statistics,
    ...Object.fromEntries(Object.entries(slots).map(([slot, each]) => [`${SLOT}${slot}`, each])),
    ...(average && {
      [`${AVERAGE}parameters`]: average.parameters,
      [`${AVERAGE}statistics`]: average.statistics,
    }),
  };
}

/** The way back of `byName`; names it does not know are left out. Throws RefusedInputError where weights are missing. */
export function fromNames<Each>(named: Readonly<Record<string, Each>>): StateOf<Each> {
  const needed = (name: string): Each => {
    const each = named[name];
    if (each === undefined) throw new RefusedInputError(`a state without ${name} came`);
    return each;
  };
  const slots = Object.entries(named).flatMap(([name, each]) =>
    name.startsWith(SLOT) ? [[name.slice(SLOT.length), each] as const] : [],
  );
  const hasAverage = Object.keys(named).some((name) => name.startsWith(AVERAGE));
  return {
    parameters: needed('parameters'),
    statistics: needed('statistics'),
    slots: Object.fromEntries(slots),
    ...(hasAverage && {
      average: { parameters: needed(`${AVERAGE}parameters`), statistics: needed(`${AVERAGE}statistics`) },
    }),
  };
}

/** How many elements each vector of an engine's state has. */
export function stateLengths(layout: VectorLayout, { optimizer, averages }: StepConfig): StateOf<number> {
  const { numParameters, numTrained, numStatistics } = layout;
  const { slots } = chosenOptimizer(optimizer);
  return {
    parameters: numParameters,
    statistics: numStatistics,
    slots: Object.fromEntries(slots.map((slot) => [slot, numTrained])),
    ...(averages && { average: { parameters: numParameters, statistics: numStatistics } }),
  };
}

/** What a replica is before its first step: the optimiser remembers nothing. Takes the network's state. */
export function firstStateOf(
  { parameters, statistics }: NetworkState,
  layout: VectorLayout,
  { optimizer }: Pick<StepConfig, 'optimizer'>,
): ReplicaState {
  const { slots } = chosenOptimizer(optimizer);
  const atRest = slots.map((slot) => [slot, new Float32Array(layout.numTrained)] as const);
  return { parameters, statistics, slots: Object.fromEntries(atRest) };
}

/** The memory of a state, to be moved to another thread. */
export function buffersOfState(state: ReplicaState): ArrayBuffer[] {
  return Object.values(byName(state)).map(({ buffer }) => buffer);
}

/** The same numbers in memory of their own. */
export function copyOfState(state: ReplicaState): ReplicaState {
  return fromNames(mapValues(byName(state), (vector) => vector.slice()));
}
