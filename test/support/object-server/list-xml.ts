import type { Holdings } from './held-object.js';

/** The answer to ListObjectsV2. */
export function listXml(
  { objects, pageSize }: Pick<Holdings, 'objects'> & { readonly pageSize: number },
  bucket: string,
  query: URLSearchParams,
): string {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const after = query.get('continuation-token') ?? '';
  const start = `${bucket.replace(/\/$/, '')}/`;
  const keys = [...objects.keys()].filter((path) => path.startsWith(start)).map((path) => path.slice(start.length));
  const shown = keys
    .filter((key) => key.startsWith(prefix))
    .map((key) => {
      const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
      return end < 0 ? key : key.slice(0, end + 1);
    });
  const all = [...new Set(shown)].toSorted().filter((key) => key > after);
  const page = all.slice(0, pageSize);
  const rows = page.map((key) => {
    const name = encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+');
    const held = objects.get(start + key);
    if (held === undefined) return `<CommonPrefixes><Prefix>${name}</Prefix></CommonPrefixes>`;
    const etag = held.etag.replaceAll('"', '&quot;');
    const facts = `<LastModified>${held.changedAt.toISOString()}</LastModified><Size>${held.bytes.length}</Size>`;
    return `<Contents><Key>${name}</Key>${facts}<ETag>${etag}</ETag></Contents>`;
  });
  const isTruncated = all.length > page.length;
  const next = isTruncated ? `<NextContinuationToken>${page.at(-1) ?? ''}</NextContinuationToken>` : '';
  return (
    `<?xml version="1.0"?><ListBucketResult><EncodingType>url</EncodingType><IsTruncated>${isTruncated}</IsTruncated>` +
    `${next}${rows.join('')}</ListBucketResult>`
  );
}
