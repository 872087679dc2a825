import { z } from 'zod';

const milliseconds = z.number().min(0);

/** Where a worker's time of a training round went, by its own clock; told as its last push of the round goes out. */
export const roundTimesSchema = z.strictObject({
  /** Lanes it computed. */
  lanes: z.int().min(1),
  /** Lanes it computes at once. */
  engines: z.int().min(1),
  /** The longest wait of a lane for its samples. */
  dataMs: milliseconds,
  /** From the first lane's begin to the last one's end, without that wait. */
  computeMs: milliseconds,
  /** Of the update before the round. */
  updateMs: milliseconds,
});
export type RoundTimes = z.infer<typeof roundTimesSchema>;

/** A worker's times of a round as its parameter server saw them come in. */
export const participantTimesSchema = roundTimesSchema.extend({
  workerId: z.string(),
  /** From the server's last root to the arrival of the worker's last push; null where it sent no root before. */
  arrivedMs: milliseconds.nullable(),
});
export type ParticipantTimes = z.infer<typeof participantTimesSchema>;

export const PHASES = ['data', 'compute', 'exchange'] as const;
export type Phase = (typeof PHASES)[number];

/** Why a worker counts as slow: what takes it longer than the others. */
const slownessSchema = z.strictObject({
  phase: z.enum(PHASES),
  /** Milliseconds that phase takes: of one lane at a time for data and compute, of the round for exchange. */
  ms: milliseconds,
  /** The median of the others. */
  othersMs: milliseconds,
  /** The first step it was slow in. */
  sinceStep: z.int().min(1),
});
export type Slowness = z.infer<typeof slownessSchema>;

/** Steps that a straggler report is about: the last so many. */
export const STRAGGLER_STEPS = 5;

/** How fast a worker was in the last steps. */
export const workerTimesSchema = z
  .strictObject({
    workerId: z.string(),
    lanes: z.int().min(1),
    engines: z.int().min(1),
    /** How many steps the figures are of. */
    steps: z.int().min(1).max(STRAGGLER_STEPS),
    /** Data and compute of as many lanes as it has engines. */
    turnMs: z.strictObject({ least: milliseconds, median: milliseconds, most: milliseconds }),
    /** Median of what else a step takes it, however many lanes it has: the update, and the line. */
    restMs: milliseconds,
    /** The medians of the phases; data and compute of one turn. */
    phases: z.strictObject({ data: milliseconds, compute: milliseconds, exchange: milliseconds }),
    /** Null while it keeps up. */
    slowness: slownessSchema.nullable(),
  })
  .meta({ id: 'WorkerTimes' });
export type WorkerTimes = z.infer<typeof workerTimesSchema>;
