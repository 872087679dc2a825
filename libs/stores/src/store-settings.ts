/** How this host reaches stores: plain data, which goes to threads. No credentials: each thread finds them anew. */
export interface StoreSettings {
  readonly cache: CacheSettings;
  /** Whether the bucket stands in the path of a request, not in the name of the host. `auto`: where an endpoint is set. */
  readonly s3PathStyle: 'auto' | 'on' | 'off';
  /** Requests are not signed: for public buckets. */
  readonly isS3Anonymous: boolean;
}

/** The shard cache: files of stores, and unpacked parts of files. Shared by the processes of this host. */
export interface CacheSettings {
  readonly folder: string;
  /** What was used least recently goes first. */
  readonly maxBytes: number;
}
