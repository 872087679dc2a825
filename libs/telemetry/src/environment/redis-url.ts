import { z } from 'zod';

/** What people write for a Redis that is not one server with one address; in words what to do instead. */
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [
    /^[\w+-]*sentinel[\w+-]*:/i,
    'Redis Sentinel is not spoken: name an address that always leads to the primary, such as a HAProxy or a service address',
  ],
  [
    /^rediss?:\/\/[^/?#]*,/i,
    'several hosts (Redis Cluster, Sentinel) are not supported: name the one address of a single Redis, or one that always leads to its primary',
  ],
  [/^(?:unix|redis-socket|redis\+socket):|^\//i, 'unix sockets are not supported: name a host and a port'],
];

const FORM =
  'must be a redis:// or rediss:// address, redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE], with the special characters of a password percent-encoded';

/** Says in words why an address cannot be a Redis of Skiplane's; undefined where it can. */
export function redisUrlFault(url: string): string | undefined {
  const refused = REFUSED.find(([pattern]) => pattern.test(url));
  if (refused) return refused[1];

  if (!/^rediss?:\/\/\S+$/.test(url) || !URL.canParse(url)) return FORM;
  const { hostname, pathname, search, hash } = new URL(url);
  if (hostname === '') return FORM;
  if (/prefix/i.test(search)) {
    return 'a key prefix is not supported: on a shared Redis give Skiplane a database of its own (redis://HOST:6379/3) and a user that sees only its keys';
  }
  if (search !== '' || hash !== '') return `${FORM}; options behind it (? or #) are not supported`;
  if (!/^\/?\d*$/.test(pathname)) return `${FORM}; the database is a number`;
  return undefined;
}

/** `REDIS_URL`. What is said does not repeat what was given, which may hold a password. */
export const redisUrl = z.string().superRefine((url, context) => {
  const message = redisUrlFault(url);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});
