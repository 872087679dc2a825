import { ffcv } from './ffcv.js';
import { GOYAL2017 } from './goyal2017.js';
import { HE2015_CIFAR10, HE2015_IMAGENET } from './he2015.js';
import type { RecipeName } from './recipe-names.js';
import type { Recipe } from './recipe.js';
import { TORCHVISION_V1 } from './torchvision-v1.js';

export const RECIPE_TABLE: Readonly<Record<RecipeName, Recipe>> = {
  'he2015-imagenet': HE2015_IMAGENET,
  'he2015-cifar10': HE2015_CIFAR10,
  goyal2017: GOYAL2017,
  'torchvision-v1': TORCHVISION_V1,
  'ffcv-16': ffcv(16),
  'ffcv-24': ffcv(24),
  'ffcv-32': ffcv(32),
  'ffcv-40': ffcv(40),
  'ffcv-56': ffcv(56),
  'ffcv-88': ffcv(88),
};
