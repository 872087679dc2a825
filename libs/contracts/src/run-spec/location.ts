import { RefusedInputError } from '../errors.js';

/** Where files lie: a folder of this host's disk, or a store behind the network. */
export type Location =
  | { readonly kind: 'disk'; readonly folder: string }
  /** Ends in '/'. */
  | { readonly kind: 'http'; readonly url: string }
  /** The prefix is empty or ends in '/'. */
  | { readonly kind: 's3'; readonly bucket: string; readonly prefix: string };

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html, and the older names that still exist. */
const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]$/;

/** What the signed addresses of stores end in: S3, Google, Azure, CloudFront. */
const SIGNATURE = /^(?:x-amz-signature|x-goog-signature|sig|signature)$/i;
const SIGNED =
  'a signed address ends after a while, and run specs are shown to everyone: give s3://bucket/prefix and credentials in the ' +
  'environment, or files that are public';

/** Reads a path or an address. Throws RefusedInputError for an address of another kind or one that holds a secret. */
export function parseLocation(text: string): Location {
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//iu.exec(text)?.[1]?.toLowerCase();
  switch (scheme) {
    case undefined:
      return { kind: 'disk', folder: text };
    case 's3':
      return parseS3(text);
    case 'http':
    case 'https':
      return parseHttp(text);
    default:
      return refuse(text, `${scheme}:// is not known; a path of the disk, https://… or s3://bucket/prefix is expected`);
  }
}

/** Whether files lie behind the network, so that they are read by way of a cache. */
export function isRemote(text: string): boolean {
  return parseLocation(text).kind !== 'disk';
}

/** The address of a folder or a file in a location. */
export function addressIn(location: string, name: string): string {
  return `${location.replace(/\/+$/, '')}/${name}`;
}

function parseS3(text: string): Location {
  const [bucket = '', ...folders] = text.slice('s3://'.length).split('/');
  if (bucket.includes('@'))
    return refuse('s3://…', 'an address must not hold credentials; set them in the environment');
  if (!BUCKET.test(bucket)) return refuse(text, `'${bucket}' is no name of a bucket; s3://bucket/prefix is expected`);
  const prefix = folders.filter((folder) => folder !== '').join('/');
  return { kind: 's3', bucket, prefix: prefix === '' ? '' : `${prefix}/` };
}

function parseHttp(text: string): Location {
  if (!URL.canParse(text)) return refuse(text, 'is no address that can be read');
  const url = new URL(text);
  const shown = `${url.protocol}//${url.host}${url.pathname}`;
  if (url.username !== '' || url.password !== '')
    return refuse(shown, 'an address must not hold credentials: run specs are shown to everyone');
  if ([...url.searchParams.keys()].some((key) => SIGNATURE.test(key))) return refuse(shown, SIGNED);
  if (url.search !== '' || url.hash !== '')
    return refuse(shown, 'must be the address of a folder, without a query and a fragment');
  return { kind: 'http', url: shown.endsWith('/') ? shown : `${shown}/` };
}

function refuse(shown: string, message: string): never {
  throw new RefusedInputError(`${shown}: ${message}`, [{ path: 'path', message: `${shown}: ${message}` }]);
}
