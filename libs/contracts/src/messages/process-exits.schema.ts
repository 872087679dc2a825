import { z } from 'zod';

/** In the folder of the logs: ends of processes that nobody asked for, as the launcher of a stack saw them. */
export const PROCESS_EXITS_FILE = 'unexpected-exits.json';

/** The newest exits, oldest first. `at`: milliseconds since 1970, by the clock of the launcher's machine, the coordinator's too. */
export const processExitsSchema = z.array(z.strictObject({ name: z.string(), reason: z.string(), at: z.number() }));
export type ProcessExits = z.infer<typeof processExitsSchema>;
