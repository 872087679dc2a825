/** Recipes a run can start from. */
export const RECIPE_NAMES = [
  'he2015-imagenet',
  'he2015-cifar10',
  'goyal2017',
  'torchvision-v1',
  'ffcv-16',
  'ffcv-24',
  'ffcv-32',
  'ffcv-40',
  'ffcv-56',
  'ffcv-88',
] as const;
export type RecipeName = (typeof RECIPE_NAMES)[number];
