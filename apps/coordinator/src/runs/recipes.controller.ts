import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { RECIPE_NAMES, recipeView, type RecipeView } from '#contracts';
import { reference } from '../http/openapi.js';

@ApiTags('recipes')
@Controller('v1/recipes')
export class RecipesController {
  @Get()
  @ApiOperation({
    summary: 'List the recipes a run can start from, each as the complete spec of a run without other fields',
  })
  @ApiResponse({
    status: 200,
    schema: { type: 'object', properties: { recipes: { type: 'array', items: reference('Recipe') } } },
  })
  list(): { recipes: RecipeView[] } {
    return { recipes: RECIPE_NAMES.map(recipeView) };
  }
}
