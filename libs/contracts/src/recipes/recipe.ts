import type { RunSpecInput } from '../run-spec/run-spec.schema.js';

/** What a recipe may depend on: what the user gave, else what the recipe begins with. */
export interface RecipeContext {
  readonly architecture: string;
  readonly lanes: number;
  readonly laneBatchSize: number;
}

/** A part of a run's spec; what it leaves out is the user's or the spec's default. */
export type RecipeSettings = Omit<Partial<RunSpecInput>, 'model' | 'dataset' | 'fromRecipe'> & {
  readonly model?: Partial<RunSpecInput['model']>;
  readonly dataset?: Pick<RunSpecInput['dataset'], 'augmentation'>;
};

/** A published way of training. */
export interface Recipe {
  readonly title: string;
  readonly source: string;
  /** Where it is ours: what the source leaves open, and what is not done. */
  readonly notes: readonly string[];
  readonly begins: RecipeContext;
  readonly settings: (context: RecipeContext) => RecipeSettings;
}
