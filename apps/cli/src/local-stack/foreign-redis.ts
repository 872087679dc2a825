import { RefusedInputError } from '#contracts';
import { checkRedis } from '#queue';

/**
 * The address of a Redis that is not ours: what is wrong with it is said before anything waits for it.
 * @throws RefusedInputError
 */
export async function foreignRedis(url: string, note?: (line: string) => void): Promise<string> {
  const fault = await checkRedis(url);
  if (fault?.kind === 'passing') note?.(`${fault.message}; waiting for it`);
  else if (fault !== null) throw new RefusedInputError(fault.message, [{ path: 'REDIS_URL', message: fault.message }]);
  return url;
}
