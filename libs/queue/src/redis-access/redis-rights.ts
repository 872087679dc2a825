import type { Redis } from 'ioredis';
import { REDIS_KEYS } from '../redis-keys.js';

/** What the Redis user of coordinator and workers needs, as `ACL SETUSER NAME` takes it. */
export const REDIS_ACL_RULE =
  `~skiplane:* ~${REDIS_KEYS.queuePrefix}:* &${REDIS_KEYS.notify} ` +
  '+@read +@write +@scripting +@transaction +@connection +@pubsub -@dangerous +info +time';

const [OWN_KEY, QUEUE_KEY] = ['skiplane:right', `${REDIS_KEYS.queuePrefix}:right:meta`];

/** One form of every command on the key of a string, hash, ...; none of them is run. */
const PLAIN: Readonly<Record<string, readonly string[]>> = {
  get: [],
  set: ['x'],
  del: [],
  mget: [],
  exists: [],
  pexpire: ['1'],
  hget: ['x'],
  hgetall: [],
  hset: ['x', 'x'],
  hdel: ['x'],
  xadd: ['*', 'x', 'x'],
  xrange: ['-', '+'],
  xrevrange: ['+', '-'],
  xtrim: ['MAXLEN', '1'],
};

/** BullMQ's, in its scripts and beside them, for what is done with its queues here. */
const OF_QUEUES: Readonly<Record<string, readonly string[]>> = {
  ...PLAIN,
  hexists: ['x'],
  hincrby: ['x', '1'],
  hmget: ['x'],
  hmset: ['x', 'x'],
  incr: [],
  lindex: ['0'],
  llen: [],
  lpos: ['x'],
  lpush: ['x'],
  lrange: ['0', '1'],
  lrem: ['0', 'x'],
  lset: ['0', 'x'],
  ltrim: ['0', '1'],
  persist: [],
  pttl: [],
  rename: [QUEUE_KEY],
  rpop: [],
  rpoplpush: [QUEUE_KEY],
  rpush: ['x'],
  sadd: ['x'],
  scard: [],
  smembers: [],
  srem: ['x'],
  type: [],
  zadd: ['0', 'x'],
  zcard: [],
  zcount: ['0', '1'],
  zpopmin: [],
  bzpopmin: ['1'],
  zrange: ['0', '1'],
  zrangebyscore: ['0', '1'],
  zrem: ['x'],
  zremrangebyrank: ['0', '1'],
  zremrangebyscore: ['0', '1'],
  zrevrange: ['0', '1'],
  zrevrangebyscore: ['1', '0'],
  zscore: ['x'],
};

const ASKED: readonly (readonly string[])[] = [
  ['ping'],
  ['time'],
  ['scan', '0'],
  ['publish', REDIS_KEYS.notify, 'x'],
  ['xread', 'COUNT', '1', 'STREAMS', OWN_KEY, '0'],
  ['eval', 'return 1', '1', QUEUE_KEY],
  ['evalsha', '0'.repeat(40), '1', QUEUE_KEY],
  ...Object.entries(PLAIN).map(([command, rest]) => [command, OWN_KEY, ...rest]),
  ...Object.entries(OF_QUEUES).map(([command, rest]) => [command, QUEUE_KEY, ...rest]),
];

/** All commands that are asked for. */
export const NEEDED_COMMANDS: readonly string[] = [
  ...new Set(['info', 'multi', 'exec', 'subscribe', ...ASKED.map(([command = '']) => command)]),
];

/**
 * The rights that the user of this connection lacks: `the command xadd`, `the keys skiplane:*`. Redis judges a command
 * when it is put into a transaction, so all of them are put into one that is never executed: nothing is written, and
 * `ACL DRYRUN`, which needs rights of its own, is not needed. The connection must be dropped afterwards. Costs some round
 * trips and a second connection.
 */
export async function missingRights(redis: Redis): Promise<readonly string[]> {
  const missing = new Set<string>();
  const ask = async (command: string, ...rest: readonly string[]): Promise<boolean> => {
    const lack = lackOf(command, rest, await refusalOf(redis.call(command, ...rest)));
    if (lack !== undefined) missing.add(lack);
    return lack === undefined;
  };
  await ask('info', 'server');
  const deaf = lackOf('subscribe', [REDIS_KEYS.notify], await refusalOf(subscribing(redis)));
  if (deaf !== undefined) missing.add(deaf);
  // Without a transaction all of them would be run.
  if (!(await ask('multi'))) return [...missing];
  // One that is refused ends the transaction, too.
  await ask('exec');
  await ask('multi');
  await Promise.all(ASKED.map(([command = '', ...rest]) => ask(command, ...rest)));
  return [...missing];
}

/** On a connection of its own, which can do nothing else any more. */
async function subscribing(redis: Redis): Promise<void> {
  const subscriber = redis.duplicate();
  subscriber.on('error', () => undefined);
  try {
    await subscriber.subscribe(REDIS_KEYS.notify);
  } finally {
    subscriber.disconnect();
  }
}

/** What Redis answers where it refuses a command; undefined where it takes it. Rejects where there is no answer. */
async function refusalOf(answer: Promise<unknown>): Promise<string | undefined> {
  try {
    await answer;
    return undefined;
  } catch (error) {
    if (error instanceof Error && error.name === 'ReplyError') return error.message;
    throw error;
  }
}

/** A replica, and one without memory, refuse as well: that is no lack of rights. */
function lackOf(command: string, rest: readonly string[], refusal: string | undefined): string | undefined {
  if (refusal === undefined) return undefined;
  if (/unknown command/i.test(refusal)) return `the command ${command}, which this server does not have`;
  if (!/\bNOPERM\b/.test(refusal)) return undefined;
  if (/\bchannels?\b/.test(refusal)) return `the channel ${REDIS_KEYS.notify}`;
  if (/\bkeys?\b/.test(refusal)) return `the keys ${rest.includes(QUEUE_KEY) ? REDIS_KEYS.queuePrefix : 'skiplane'}:*`;
  return `the command ${command}`;
}
