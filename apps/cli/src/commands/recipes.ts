import { RECIPE_NAMES, recipeView, RefusedInputError, type RecipeView } from '#contracts';
import { Command } from 'commander';
import type { CommandSetup } from '../action/command-io.js';
import { EXIT } from '../action/exit-codes.js';
import { runAction } from '../action/run-action.js';

const HELP = `
A run starts from a recipe by naming it; whatever the run gives itself stays, and null takes a field away:
  { "name": "r20", "recipe": "he2015-cifar10", "model": { "architecture": "resnet20", "numClasses": 10 },
    "dataset": { "kind": "cifar10", "path": "data/cifar-10-batches-bin" }, "epochs": 10 }

Examples:
  skiplane recipes
  skiplane recipes goyal2017
  skiplane recipes he2015-cifar10 --json`;

/** `skiplane recipes`: what a run can start from. */
export function recipesCommand({ io }: CommandSetup): Command {
  return new Command('recipes')
    .description('list the recipes a run can start from, or show one in full')
    .argument('[name]', 'one recipe in full')
    .option('--json', 'print the result as one line of JSON', false)
    .addHelpText('after', HELP)
    .action((name: string | undefined, flags: { readonly json: boolean }) =>
      runAction(io, flags, async () => {
        io.out(recipes(name, flags.json));
        return EXIT.ok;
      }),
    );
}

function recipes(name: string | undefined, isJson: boolean): string {
  if (name === undefined) {
    const views = RECIPE_NAMES.map(recipeView);
    return isJson ? JSON.stringify(views) : views.map(recipeLine).join('\n');
  }
  const known = RECIPE_NAMES.find((each) => each === name);
  if (known === undefined) {
    const message = `${name} is none of ${RECIPE_NAMES.join(', ')}`;
    throw new RefusedInputError('no such recipe', [{ path: 'name', message }]);
  }
  const view = recipeView(known);
  return isJson ? JSON.stringify(view) : recipeText(view);
}

const WIDTH = Math.max(...RECIPE_NAMES.map((name) => name.length));

const recipeLine = ({ name, title }: RecipeView): string => `${name.padEnd(WIDTH)}  ${title}`;

function recipeText(view: RecipeView): string {
  const notes = view.notes.map((note) => `- ${note}`);
  const { title, source, spec } = view;
  return [title, `Source: ${source}`, ...notes, JSON.stringify(spec, null, 2)].join('\n');
}
