import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { RefusedInputError } from '#contracts';
import { hideSecrets, redisUrlFault, type Logger } from '#telemetry';
import { redisFault, type RedisFault } from './redis-fault.js';
import { missingRights, REDIS_ACL_RULE } from './redis-rights.js';

/** `XTRIM MINID` is of 6.2. */
const OLDEST = [6, 2] as const;
const CONNECT_TIMEOUT_MS = 3_000;
const ANSWER_TIMEOUT_MS = 3_000;
/** Between two looks at a Redis that is not fit yet: the first pause, doubling to the longest. */
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [250, 5_000];

/**
 * Looks once whether coordinator and workers can work on this Redis: address, TLS, password, kind of server, rights of
 * the user, role. Returns what stands in the way, null where nothing does; within some seconds, and without a write.
 */
export async function checkRedis(url: string): Promise<RedisFault | null> {
  const fault = redisUrlFault(url);
  if (fault !== undefined) return lasting(`REDIS_URL ${fault}`);
  const redis = new Redis(url, {
    lazyConnect: true,
    enableReadyCheck: false,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: ANSWER_TIMEOUT_MS,
  });
  // The reason; what waits for the connection is only told that there is none.
  const reasons: unknown[] = [];
  redis.on('error', (error) => reasons.push(error));
  try {
    await redis.connect();
    // Such as a database that is not there: the connection stands, and would work in another one.
    if (reasons.length > 0) throw reasons[0];
    return await faultOf(redis, url);
  } catch (error) {
    const known = [...reasons, error].flatMap((each) => redisFault(each, url) ?? []);
    // The connection's own word says more than that it is closed.
    const [first] = known;
    if (first !== undefined) return first;
    throw error;
  } finally {
    redis.disconnect();
  }
}

/**
 * Resolves when this Redis is fit to work on; tells in words, once each, what it waits for.
 * @throws RefusedInputError for what does not pass by itself: a wrong password, a missing right, a foreign certificate.
 */
export async function whenRedisIsFit(url: string, logger: Logger, signal?: AbortSignal): Promise<void> {
  let told = '';
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    const fault = await checkRedis(url);
    if (fault === null) {
      if (told !== '') logger.info({ event: 'redis-fit' }, 'Redis can be used now');
      return;
    }
    if (fault.kind === 'lasting') throw new RefusedInputError(fault.message);
    if (told !== fault.message) logger.warn({ event: 'redis-unfit' }, `${fault.message}; waiting for it`);
    told = fault.message;
    await delay(pause, undefined, signal ? { signal } : {});
  }
}

async function faultOf(redis: Redis, url: string): Promise<RedisFault | null> {
  const where = `Redis at ${hideSecrets(url)}`;
  const about = await redis.info().catch((error: unknown) => {
    // Named with the other rights that are missing.
    if (error instanceof Error && error.message.startsWith('NOPERM')) return '';
    throw error;
  });
  const mode = /^redis_mode:(\w+)/m.exec(about)?.[1];
  if (mode === 'cluster' || mode === 'sentinel') {
    return lasting(
      `${where} is a Redis ${mode}, which is not supported: name a single Redis, or an address of its primary`,
    );
  }
  const [version, major, minor] = versionOf(about);
  if (about !== '' && (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]))) {
    return lasting(`${where} is of version ${version}: 6.2 or newer is needed`);
  }
  const missing = await missingRights(redis);
  if (missing.length > 0) {
    return lasting(
      `the user that REDIS_URL names may not use ${missing.join(', ')} of ${where}. Grant it: ACL SETUSER NAME ${REDIS_ACL_RULE}`,
    );
  }
  if (/^loading:1/m.test(about)) return { kind: 'passing', message: `${where} is still reading its data` };
  if (/^role:slave/m.test(about)) {
    const message = `${where} is a replica: it was demoted, or REDIS_URL does not lead to the primary`;
    return { kind: 'passing', message };
  }
  return null;
}

function versionOf(info: string): readonly [string, number, number] {
  const [, version = '', major, minor] = /^redis_version:((\d+)\.(\d+)\S*)/m.exec(info) ?? [];
  return [version, Number(major ?? OLDEST[0]), Number(minor ?? OLDEST[1])];
}

const lasting = (message: string): RedisFault => ({ kind: 'lasting', message });
