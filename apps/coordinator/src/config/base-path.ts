import { z } from 'zod';

/** First segments of the coordinator's own paths and pages: behind such a prefix nobody could tell whether it was taken away. */
const OWN_SEGMENTS: readonly string[] = [
  'v1',
  'docs',
  'docs-json',
  'docs-yaml',
  'queues',
  'health',
  'metrics',
  'login',
  'assets',
  'runs',
  'studies',
  'workers',
  'new',
];
/** Characters that mean the same in an address, a header, a cookie and HTML. */
const PATH = /^(\/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$/;

/** A path in front of the coordinator's own, such as `/skiplane`; slashes at its end do not count. */
export const basePath = z
  .string()
  .transform((text) => text.replace(/\/+$/, ''))
  .refine((path) => path === '' || PATH.test(path), 'must be a path such as /skiplane: letters, digits, . _ ~ -')
  .refine((path) => !OWN_SEGMENTS.includes(path.split('/')[1] ?? ''), 'must not begin with one of the own paths');
