import { CoordinatorLeaseTakenError } from '#queue';

/** Redis does not answer, or is another coordinator's, so nobody could be told of a run. */
export class RedisAbsentError extends Error {
  override readonly name = 'RedisAbsentError';
}

/** What to say of a ping that failed, and what follows from it. */
export function redisAbsent(cause: unknown, consequence: string): RedisAbsentError {
  return new RedisAbsentError(`${absence(cause)}; ${consequence}, try again`, { cause });
}

/** Why Redis cannot be used, by what a ping threw, and what is known of the connection. */
export function absence(cause: unknown, known?: string): string {
  return cause instanceof CoordinatorLeaseTakenError ? cause.message : (known ?? 'Redis does not answer');
}
