import { z } from 'zod';
import { runSpecSchema } from '../run-spec/run-spec.schema.js';
import { RECIPE_NAMES, type RecipeName } from './recipe-names.js';
import { RECIPE_TABLE } from './recipe-table.js';
import { submittedRunSchema } from './resolve-recipe.js';

/** A recipe in full: the spec of a run that gives nothing else. */
export const recipeViewSchema = z
  .strictObject({
    name: z.enum(RECIPE_NAMES),
    title: z.string(),
    source: z.string(),
    notes: z.array(z.string()),
    /** Name, classes and data set are placeholders: they are always the user's. */
    spec: runSpecSchema,
  })
  .meta({ id: 'Recipe' });
export type RecipeView = z.infer<typeof recipeViewSchema>;

/** The recipe as a run that gives no more than it must. */
export function recipeView(name: RecipeName): RecipeView {
  const { title, source, notes, begins } = RECIPE_TABLE[name];
  const isCifar = begins.architecture === 'resnet20';
  const spec = runSpecSchema.parse(
    submittedRunSchema.parse({
      name: 'a-name',
      recipe: name,
      model: { numClasses: isCifar ? 10 : 1000 },
      dataset: { kind: isCifar ? 'cifar10' : 'image-folder', path: 'PATH' },
    }),
  );
  return { name, title, source, notes: [...notes], spec };
}
