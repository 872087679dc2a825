import { checkRedis as faultOf, inspectRedis, provisionRedis, type RedisInspection } from '#queue';
import { silentProgress } from '#provision';
import { hideSecrets } from '#telemetry';
import type { Finding } from './finding.js';

const SUBJECT = 'Redis';

/** The server at REDIS_URL with its settings, or the one that the launcher would start. */
export async function checkRedis(redisUrl: string | undefined, cacheDirectory: string): Promise<readonly Finding[]> {
  if (redisUrl === undefined) return [await embedded(cacheDirectory)];
  const advice = 'mend that, correct REDIS_URL, or unset REDIS_URL and Skiplane starts its own';
  try {
    const fault = await faultOf(redisUrl);
    if (fault !== null) return [{ subject: SUBJECT, status: 'fail', detail: fault.message, advice }];
    return redisFindings(await inspectRedis(redisUrl), hideSecrets(redisUrl));
  } catch (error) {
    const detail = `${hideSecrets(redisUrl)} does not answer (${hideSecrets(error instanceof Error ? error.message : String(error))})`;
    return [{ subject: SUBJECT, status: 'fail', detail, advice }];
  }
}

async function embedded(cacheDirectory: string): Promise<Finding> {
  try {
    const server = await provisionRedis({ cacheDirectory, progress: silentProgress });
    return {
      subject: SUBJECT,
      status: 'ok',
      detail: `${server.description}, started with the stack (REDIS_URL is not set)`,
    };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { subject: SUBJECT, status: 'fail', detail, advice: 'see the choices above' };
  }
}

/** Judges a server's version and settings. */
export function redisFindings(found: RedisInspection, where: string): readonly Finding[] {
  const [major = 0, minor = 0] = found.version.split('.').map(Number);
  const findings: Finding[] = [];
  const detail = `${found.version} at ${where}`;
  if (major < 6 || (major === 6 && minor < 2)) {
    findings.push({ subject: SUBJECT, status: 'fail', detail, advice: 'BullMQ needs Redis 6.2 or newer, or Valkey' });
  } else findings.push({ subject: SUBJECT, status: 'ok', detail });
  if (found.appendOnly === false) {
    const advice =
      'set `appendonly yes`, or what is queued is lost when Redis stops (runs are rebuilt from their record)';
    findings.push({ subject: SUBJECT, status: 'warn', detail: 'appendonly is no', advice });
  }
  if (found.maxMemoryPolicy !== null && found.maxMemoryPolicy !== 'noeviction') {
    const advice = 'set `maxmemory-policy noeviction`, or Redis may drop jobs when memory is short';
    findings.push({ subject: SUBJECT, status: 'fail', detail: `maxmemory-policy is ${found.maxMemoryPolicy}`, advice });
  }
  if (found.appendOnly === null || found.maxMemoryPolicy === null) {
    const advice = 'see to it that appendonly is yes and maxmemory-policy is noeviction';
    findings.push({ subject: SUBJECT, status: 'warn', detail: 'the server does not show its settings', advice });
  }
  return findings;
}
