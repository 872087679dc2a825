import { z } from 'zod';

/** Groups of addresses that Express knows by name. */
const NAMED = ['loopback', 'linklocal', 'uniquelocal'] as const;
const proxy = z.union([z.enum(NAMED), z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]);

/** Proxies by comma, each named in a fault of its own where it is none. */
export const trustedProxies = z
  .string()
  .transform((list) => list.split(',').map((item) => item.trim()))
  .superRefine((items, context) => {
    for (const item of items) {
      const fault = faultOf(item);
      if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
    }
  });

function faultOf(item: string): string | undefined {
  if (item.endsWith('/0')) return `${item} would believe everyone: name the proxies' own addresses`;
  if (proxy.safeParse(item).success) return undefined;
  return `${JSON.stringify(item)} is no address, network (10.0.0.0/8) or one of ${NAMED.join(', ')}`;
}
