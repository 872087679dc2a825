import { z } from 'zod';
import { modelSchema } from '../run-spec/model.schema.js';
import { submittedSpecSchema } from '../run-spec/run-spec.schema.js';
import { RECIPE_NAMES } from './recipe-names.js';
import { RECIPE_TABLE } from './recipe-table.js';

/** What a recipe reads of what was given; anything wrong in it is the run spec's business. */
const contextSchema = z.object({
  recipe: z.enum(RECIPE_NAMES),
  model: z.object({ architecture: modelSchema.shape.architecture.optional().catch(undefined) }).catch({}),
  lanes: submittedSpecSchema.shape.lanes.unwrap().optional().catch(undefined),
  laneBatchSize: submittedSpecSchema.shape.laneBatchSize.unwrap().optional().catch(undefined),
});

/**
 * Puts what a run was given over the settings of the recipe it names: a field that was given stays, an object is
 * completed field by field, null takes a field of the recipe away, and a schedule of another kind replaces the recipe's.
 * What names no recipe comes back as it is.
 */
function withRecipe(given: unknown, issues: z.core.ParsePayload['issues']): unknown {
  if (!isRecord(given) || given['recipe'] === undefined) return given;
  const { recipe: named, ...others } = given;
  const context = contextSchema.safeParse(given);
  if (!context.success) {
    const message = `${JSON.stringify(named)} is none of ${RECIPE_NAMES.join(', ')}`;
    issues.push({ code: 'custom', path: ['recipe'], message, input: named });
    return others;
  }
  const { recipe, model, lanes, laneBatchSize } = context.data;
  const { begins, settings } = RECIPE_TABLE[recipe];
  const whole = settings({
    architecture: model.architecture ?? begins.architecture,
    lanes: lanes ?? begins.lanes,
    laneBatchSize: laneBatchSize ?? begins.laneBatchSize,
  });
  return laidOver({ ...whole, fromRecipe: recipe }, others);
}

/** `"dataset": "imagenet"` is short for `{ "kind": "named", "name": "imagenet" }`, and so is a name without kind and path. */
function withNamedDataset(given: unknown): unknown {
  if (!isRecord(given)) return given;
  const { dataset } = given;
  if (typeof dataset === 'string') return { ...given, dataset: { kind: 'named', name: dataset } };
  const isNamed = isRecord(dataset) && 'name' in dataset && !('kind' in dataset) && !('path' in dataset);
  return isNamed ? { ...given, dataset: { kind: 'named', ...dataset } } : given;
}

/** A run's spec whose data set may be a name. */
export const namingSpecSchema = z.preprocess(withNamedDataset, submittedSpecSchema);

/** A run as it is submitted; `recipe` names what completes it. What comes out is complete and names none. */
export const submittedRunSchema = z.preprocess(
  (given, { issues }) => withRecipe(withNamedDataset(given), issues),
  submittedSpecSchema,
);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function laidOver(base: unknown, given: unknown): unknown {
  if (!isRecord(base) || !isRecord(given)) return given;
  // Fields of another kind mean nothing: steps have milestones, a cosine has none.
  if (given['kind'] !== undefined && base['kind'] !== undefined && given['kind'] !== base['kind']) return given;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(given)) {
    if (value === null && key in base) delete merged[key];
    else merged[key] = key in base ? laidOver(base[key], value) : value;
  }
  return merged;
}
