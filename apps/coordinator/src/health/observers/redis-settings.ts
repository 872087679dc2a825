import { checkRedis } from '#queue';
import type { RedisLink } from '../../redis/redis-link.js';
import type { FaultObserver } from '../fault-observer.js';
import type { FaultFound, OpenFaults } from '../open-faults.js';

const FULL_SHARE = 0.9;

/** What Redis says of itself that will cost something sooner or later: what it evicts, its memory, its disk. */
export function redisSettingsObserver(redis: RedisLink): FaultObserver {
  return {
    kinds: ['redis-eviction', 'redis-memory', 'redis-persistence'],
    async look() {
      return redisSettingsFaults(await redis.commands.info());
    },
  };
}

/** Reads an answer of INFO. */
export function redisSettingsFaults(info: string): readonly FaultFound[] {
  const field = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const found: FaultFound[] = [];
  const policy = field('maxmemory_policy');
  const [used, most] = [Number(field('used_memory') ?? 0), Number(field('maxmemory') ?? 0)];
  if (policy !== undefined && policy !== 'noeviction') {
    const message = `Redis throws away what it likes when its memory is full (maxmemory-policy ${policy})`;
    found.push({ kind: 'redis-eviction', subject: 'redis', message });
  }
  if (most > 0 && used > most * FULL_SHARE) {
    const message = `Redis uses ${Math.round((used / most) * 100)} % of its memory (maxmemory ${most} bytes)`;
    found.push({ kind: 'redis-memory', subject: 'redis', message });
  }
  const failed = ['aof_last_write_status', 'aof_last_bgrewrite_status', 'rdb_last_bgsave_status'].filter(
    (name) => field(name) === 'err',
  );
  if (failed.length > 0) {
    const message = `Redis could not write its data to disk (${failed.join(', ')})`;
    found.push({ kind: 'redis-persistence', subject: 'redis', message });
  }
  return found;
}

/** What would keep a process from starting on this Redis: rights, version, kind. Looked at on a connection of its own. */
export function redisRightsObserver(redisUrl: string, faults: OpenFaults, check = checkRedis): FaultObserver {
  return {
    kinds: ['redis-rights'],
    everyTicks: 6,
    async look() {
      // Said already, and by what fails.
      if (faults.list().some(({ kind }) => kind === 'redis')) return [];
      const fault = await check(redisUrl);
      return fault?.kind === 'lasting' ? [{ kind: 'redis-rights', subject: 'redis', message: fault.message }] : [];
    },
  };
}
