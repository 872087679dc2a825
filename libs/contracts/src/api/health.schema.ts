import { z } from 'zod';

export const HEALTH_STATUSES = ['ok', 'degraded', 'failing'] as const;
export type HealthStatus = (typeof HEALTH_STATUSES)[number];

/** Something that is wrong with the system for as long as it is listed. */
export const faultSchema = z
  .strictObject({
    /** `disk`, `redis`, `crash-loop`, ...: a row of the coordinator's table of faults, and of .docs/faults.md. */
    kind: z.string(),
    /** What it befalls: a process, a folder, a run, an address. */
    subject: z.string(),
    /** What is wrong, in words. */
    message: z.string(),
    /** Milliseconds since 1970, by the coordinator's clock. */
    since: z.number(),
    /** What an operator does about it. */
    advice: z.string(),
    /** `error`: runs stand still or their record is not written. `warning`: the system works, and less well. */
    severity: z.enum(['error', 'warning']),
  })
  .meta({ id: 'Fault' });
export type Fault = z.infer<typeof faultSchema>;

/** Answer of GET /v1/health. */
export const healthSchema = z
  .strictObject({
    /** `failing` with an error among the faults, `degraded` with warnings alone. */
    status: z.enum(HEALTH_STATUSES),
    /** Errors first, then the oldest first. */
    faults: z.array(faultSchema),
    versions: z.strictObject({
      coordinator: z.string(),
      /** Null: it does not say. */
      workers: z.array(z.strictObject({ workerId: z.string(), version: z.string().nullable() })),
      /** Null: it did not answer, or does not say. */
      parameterServers: z.array(z.strictObject({ address: z.string(), version: z.string().nullable() })),
    }),
    /** Start of the coordinator and now, by its clock, milliseconds since 1970. */
    startedAt: z.number(),
    now: z.number(),
  })
  .meta({ id: 'Health' });
export type Health = z.infer<typeof healthSchema>;
