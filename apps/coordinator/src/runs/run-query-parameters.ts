import { applyDecorators } from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';
import { RUN_SORTS, RUN_STATES } from '#contracts';

/** Describes the query of GET /v1/runs. */
export function ApiRunsQuery(): MethodDecorator {
  const many = { required: false, isArray: true, type: String };
  return applyDecorators(
    ApiQuery({ ...many, name: 'state', enum: RUN_STATES, description: 'Only runs in one of these states' }),
    ApiQuery({ name: 'study', required: false, description: 'Only runs of this study' }),
    ApiQuery({ ...many, name: 'tag', description: 'Only runs with all of these tags' }),
    ApiQuery({
      name: 'archived',
      required: false,
      enum: ['false', 'true', 'all'],
      description: 'Only runs that are archived, or not. Default: false',
    }),
    ApiQuery({ name: 'q', required: false, description: 'Words, all in the name, id, tags or notes' }),
    ApiQuery({ name: 'ref', required: false, description: 'Only the run of this name, or those whose id begins so' }),
    ApiQuery({
      ...many,
      name: 'where',
      description: 'Conditions on fields of the spec, such as `optimizer.learningRate<0.1`; = != < <= > >=',
    }),
    ApiQuery({
      name: 'sort',
      required: false,
      enum: RUN_SORTS,
      description: 'The newest (default), name from A, best validation accuracy or least training loss first',
    }),
    ApiQuery({ name: 'offset', required: false, type: Number, description: 'Default 0' }),
    ApiQuery({ name: 'limit', required: false, type: Number, description: 'At most 500. Default 50' }),
  );
}
