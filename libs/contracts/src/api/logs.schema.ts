import { z } from 'zod';

/** Most lines of a log in one answer. */
export const MAX_LOG_LINES = 10_000;

const logSchema = z.strictObject({
  /** Of its process: `coordinator`, `worker-1`, `redis`. */
  name: z.string(),
  sizeBytes: z.int(),
  /** Milliseconds since 1970. */
  modifiedAt: z.number(),
});

/** Answer of GET /v1/logs. */
export const logListSchema = z
  .strictObject({
    /** Whether the coordinator knows a folder of logs: those of a stack that `skiplane up` started. */
    isKept: z.boolean(),
    logs: z.array(logSchema),
  })
  .meta({ id: 'LogList' });
export type LogList = z.infer<typeof logListSchema>;

/** Answer of GET /v1/logs/NAME: the last lines of a log, oldest first. */
export const logTailSchema = z
  .strictObject({
    name: z.string(),
    lines: z.array(z.string()),
    /** Where they end: `from` of the same log's event stream, which goes on there. */
    position: z.string(),
  })
  .meta({ id: 'LogTail' });
export type LogTail = z.infer<typeof logTailSchema>;
