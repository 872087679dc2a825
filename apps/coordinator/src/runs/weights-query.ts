import { applyDecorators } from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';
import { z } from 'zod';
import { checkpointNameTextSchema } from '#contracts';

/** The parameters by which a request chooses among a run's weights. */
export const weightsQuerySchema = z.strictObject({
  step: checkpointNameTextSchema.optional(),
  ema: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional(),
});

/** Describes them: `step` and `ema`. */
export function ApiWeightsQuery(): MethodDecorator {
  const description = 'The average of weights, or not. Default: where the run keeps one';
  return applyDecorators(
    ApiQuery({ name: 'step', required: false, description: 'Checkpoint: its step, newest or best. Default: newest' }),
    ApiQuery({ name: 'ema', required: false, type: Boolean, description }),
  );
}
