import { z } from 'zod';

type Comparison = (held: unknown, given: string) => boolean;

const isNumber = (held: unknown, given: string): held is number =>
  typeof held === 'number' && given.trim() !== '' && Number.isFinite(Number(given));
const isSame: Comparison = (held, given) => (isNumber(held, given) ? held === Number(given) : String(held) === given);

/** By operator. Numbers are compared as numbers, all else as text; what is no number is neither less nor greater. */
const COMPARISONS: Readonly<Record<string, Comparison>> = {
  '=': isSame,
  '!=': (held, given) => !isSame(held, given),
  '<': (held, given) => isNumber(held, given) && held < Number(given),
  '<=': (held, given) => isNumber(held, given) && held <= Number(given),
  '>': (held, given) => isNumber(held, given) && held > Number(given),
  '>=': (held, given) => isNumber(held, given) && held >= Number(given),
};

const CONDITION = /^(?<path>\w+(?:\.\w+)*)\s*(?<operator>!=|<=|>=|=|<|>)\s*(?<value>.+)$/;

/** A condition on a field of a run's spec, such as `optimizer.learningRate<0.1`: whether a spec fulfils it. */
export const specConditionSchema = z
  .string()
  .max(300)
  .transform((text, context): ((spec: unknown) => boolean) => {
    const { path = '', operator = '', value = '' } = CONDITION.exec(text.trim())?.groups ?? {};
    const compare = COMPARISONS[operator];
    if (compare === undefined) {
      const message = `expected a field of the spec, one of ${Object.keys(COMPARISONS).join(' ')} and a value, such as optimizer.learningRate=0.1; got ${text}`;
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    }
    const names = path.split('.');
    return (spec) => {
      const held = names.reduce(fieldOf, spec);
      return held !== undefined && held !== null && compare(held, value);
    };
  });

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
