import { z } from 'zod';
import { RUN_STATES } from '#contracts';

const count = z.coerce.number().int();

/** Query of GET /v1/runs. */
export const runsQuerySchema = z.strictObject({
  state: z.enum(RUN_STATES).optional(),
  study: z.string().optional(),
  offset: count.min(0).default(0),
  limit: count.min(1).max(500).default(50),
});
export type RunsQuery = z.infer<typeof runsQuerySchema>;

/** Query of GET /v1/studies. */
export const studiesQuerySchema = runsQuerySchema.pick({ offset: true, limit: true });
export type StudiesQuery = z.infer<typeof studiesQuerySchema>;

/** Query of GET /v1/studies/:id/table; without it the Accept header decides. */
export const tableQuerySchema = z.strictObject({ format: z.enum(['json', 'markdown', 'csv']).optional() });

/** Query of GET /v1/studies/:id/figures/NAME.svg. `auto` follows the reader's system. */
export const figureQuerySchema = z.strictObject({
  theme: z.enum(['auto', 'light', 'dark']).default('auto'),
  /** Of no effect here: a page that shows the figure changes it whenever the figure is to be fetched anew. */
  at: z.string().max(64).optional(),
});

/** Query of GET /v1/runs/:id/metrics. */
export const metricsQuerySchema = z
  .strictObject({
    from: count.min(1).default(1),
    to: count.min(1).optional(),
    points: count.min(2).max(20_000).default(1_000),
  })
  .refine(({ from, to }) => to === undefined || from <= to, { path: ['from'], message: 'must not be greater than to' });
export type MetricsQuery = z.infer<typeof metricsQuerySchema>;

/** Query of GET /v1/runs/:id/ledger. */
export const ledgerQuerySchema = z.strictObject({
  from: count.min(1).default(1),
  limit: count.min(1).max(10_000).default(1_000),
});
export type LedgerQuery = z.infer<typeof ledgerQuerySchema>;

/** Query of GET /v1/runs/:id/exports/FORMAT. */
export const exportQuerySchema = z.strictObject({
  step: count.min(0).optional(),
  ema: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional(),
});

/** The header, which may be absent. */
export const idempotencyKeySchema = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[\x21-\x7e ]+$/, 'printable ASCII only')
  .optional();

/** The number of a journal line, from the Last-Event-ID header. */
export const lastEventIdSchema = count.min(0).default(0).catch(0);

/** Step in a path. */
export const stepSchema = count.min(0);
