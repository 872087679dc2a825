import { applyDecorators } from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';
import { z } from 'zod';

/** The parameters by which a request chooses among a run's weights. */
export const weightsQuerySchema = z.strictObject({
  step: z.coerce.number().int().min(0).optional(),
  ema: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional(),
});

/** Describes them: `step` and `ema`. */
export function ApiWeightsQuery(): MethodDecorator {
  const description = 'The average of weights, or not. Default: where the run keeps one';
  return applyDecorators(
    ApiQuery({ name: 'step', required: false, type: Number, description: 'Checkpoint. Default: the newest' }),
    ApiQuery({ name: 'ema', required: false, type: Boolean, description }),
  );
}
