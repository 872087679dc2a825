/** Recipes a run can start from. */
export const RECIPE_NAMES = ['he2015-imagenet', 'he2015-cifar10', 'goyal2017', 'torchvision-v1'] as const;
export type RecipeName = (typeof RECIPE_NAMES)[number];
