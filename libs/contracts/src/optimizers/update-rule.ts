/**
 * The language of update rules. A rule is written once, in operations on values, and each engine carries them out in its own
 * way: as nodes of a graph, or as loops over numbers. A value is a scalar, a number per element of the parameters at hand, or
 * a number per tensor of them.
 */
import type { z } from 'zod';
import type { ParameterKind } from './common-fields.js';

/** A value, or the same number everywhere. */
export type Operand<Value> = Value | number;

/** What rules are written in. Scalars go with anything; values per element and per tensor do not go together. */
export interface UpdateOperations<Value> {
  add(left: Operand<Value>, right: Operand<Value>): Value;
  subtract(left: Operand<Value>, right: Operand<Value>): Value;
  multiply(left: Operand<Value>, right: Operand<Value>): Value;
  divide(left: Operand<Value>, right: Operand<Value>): Value;
  squareRoot(x: Operand<Value>): Value;
  /** `yes` where x > 0, `no` elsewhere. */
  ifPositive(x: Operand<Value>, yes: Operand<Value>, no: Operand<Value>): Value;
  /** As the float32 that a slot holds: what is kept for the next step is what this step goes on with. */
  stored(x: Value): Value;
  /** Euclidean norm of each tensor, a value per tensor, of a value per element. */
  norms(x: Value): Value;
  /** Gives each element what its tensor has. */
  spread(perTensor: Value): Value;
  /** 1 for each tensor of these kinds, 0 for the others. */
  tensorsOf(kinds: readonly ParameterKind[]): Value;
}

/** What a rule is given in a step; all but the scalars is per element. */
export interface UpdateInputs<Value, Slot extends string, Scalar extends string> {
  readonly weights: Value;
  /** Summed over the lanes, clipped where the run clips. */
  readonly gradient: Value;
  /** The weight decay of each element, 0 where it does not apply. Scalar where all elements have the same. */
  readonly decay: Value;
  readonly slots: Readonly<Record<Slot, Value>>;
  readonly scalars: Readonly<Record<Scalar, Value>>;
}

/** What a step makes of it. */
export interface Updated<Value, Slot extends string> {
  readonly weights: Value;
  readonly slots: Readonly<Record<Slot, Value>>;
}

/** Where a run stands. */
export interface StepNumbers {
  /** As the schedule says. */
  readonly learningRate: number;
  /** From 1. */
  readonly step: number;
}

/** What an optimiser with its settings does in a step. */
export interface UpdateRule<Slot extends string = string, Scalar extends string = string> {
  /** The numbers of a step, computed in double precision and given to the update in float32. */
  scalars(numbers: StepNumbers): Readonly<Record<Scalar | 'weightDecay', number>>;
  update<Value>(of: UpdateOperations<Value>, inputs: UpdateInputs<Value, Slot, Scalar>): Updated<Value, Slot>;
}

/** A row of the table of optimisers. */
export interface Optimizer<Schema extends z.ZodType> {
  /** How it is written in a run's spec. Strict; the fields of `commonFields` and its own. */
  readonly schema: Schema;
  /** What it remembers: by name a vector over the trained parameters. All begin at 0. */
  readonly slots: readonly string[];
  ruleOf(settings: z.output<Schema>): UpdateRule;
}

/** Writes a row of the table: the names of slots and scalars are checked in the rule, and forgotten outside it. */
export function optimizer<Schema extends z.ZodType, const Slot extends string, Scalar extends string>(
  schema: Schema,
  slots: readonly Slot[],
  ruleOf: (settings: z.output<Schema>) => UpdateRule<Slot, Scalar>,
): Optimizer<Schema> {
  return { schema, slots, ruleOf };
}
