import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { runForJson } from '../../apps/cli/src/local-stack/run-for-json.js';
import type { CheckContext } from './check-part.js';
import { claimTarget } from './target.js';

/** The device for one process that measures: its compiled entry, its one argument as JSON, and the line it ends with. */
export async function runOnTarget<Result>(
  { target, runs }: Pick<CheckContext, 'target' | 'runs'>,
  {
    entry,
    argument,
    signal,
    numClaimed = 1,
  }: {
    readonly entry: URL;
    readonly argument: object;
    readonly signal: AbortSignal;
    /** Devices that the process is shown, those of the first one's kind. */
    readonly numClaimed?: number;
  },
  schema: z.ZodType<Result>,
): Promise<Result> {
  // A worker that is still there has memory of the device and time of the cores.
  await runs.close();
  const device = await claimTarget(target, numClaimed);
  const args = [fileURLToPath(entry), JSON.stringify(argument)];
  const child = { command: process.execPath, args, env: device.env, signal };
  return await runForJson(child, schema).finally(() => device.release());
}
