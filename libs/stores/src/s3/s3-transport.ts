import type { GetObjectCommandOutput, ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import type { Location } from '#contracts';
import type { StoredObject, StoreEntry } from '../store.js';
import type { StoreSettings } from '../store-settings.js';
import {
  AnswerError,
  totalOf,
  type Answer,
  type ListPage,
  type ListRequest,
  type RangeRequest,
  type StoreKind,
  type Upload,
  type WritingTransport,
} from '../remote/transport.js';
import { openS3, type OpenS3 } from './s3-client.js';
import { answerErrorOf } from './s3-errors.js';

const REFUSALS = new Set([400, 401, 403]);

/** Files below a prefix of a bucket. */
export class S3Transport implements WritingTransport {
  readonly kind: StoreKind;
  readonly location: string;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #settings: StoreSettings;
  #opening: Promise<OpenS3> | undefined;

  constructor({ bucket, prefix }: Location & { readonly kind: 's3' }, settings: StoreSettings) {
    this.location = `s3://${bucket}/${prefix}`;
    this.#bucket = bucket;
    this.#prefix = prefix;
    this.#settings = settings;
    this.kind = settings.isS3Anonymous ? 's3-anonymous' : 's3';
  }

  async head(path: string, abortSignal: AbortSignal): Promise<StoredObject | null> {
    try {
      const found = await this.#send(({ sdk, client }) =>
        client.send(new sdk.HeadObjectCommand(this.#at(path)), { abortSignal }),
      );
      return { kind: 'object', path, sizeBytes: found.ContentLength ?? 0, version: found.ETag ?? '' };
    } catch (error) {
      if (!(error instanceof AnswerError)) throw error;
      if (error.status === 404) return null;
      if (REFUSALS.has(error.status)) await this.#askWhy(path, abortSignal);
      throw error;
    }
  }

  /** An answer to HEAD has no body to say a reason in, such as expired keys. Throws the one that a GET is given. */
  async #askWhy(path: string, signal: AbortSignal): Promise<void> {
    const { body } = await this.get(path, { offset: 0, end: 1, version: undefined }, signal);
    for await (const _ of body) return;
  }

  async get(path: string, { offset, end, version }: RangeRequest, abortSignal: AbortSignal): Promise<Answer> {
    const isWhole = offset === 0 && end === undefined;
    const request = {
      ...this.#at(path),
      ...(isWhole ? {} : { Range: `bytes=${offset}-${end === undefined ? '' : end - 1}` }),
      ...(version === undefined ? {} : { IfMatch: version }),
    };
    const found = await this.#send(({ sdk, client }) =>
      client.send(new sdk.GetObjectCommand(request), { abortSignal }),
    );
    const sizeBytes = isWhole ? found.ContentLength : totalOf(found.ContentRange);
    return { version: found.ETag ?? '', sizeBytes, body: bodyOf(found) };
  }

  async list({ folder, isRecursive, from }: ListRequest, abortSignal: AbortSignal): Promise<ListPage> {
    const request = {
      Bucket: this.#bucket,
      Prefix: this.#prefix + (folder === '' ? '' : `${folder}/`),
      // XML cannot hold every character that a key may have.
      EncodingType: 'url' as const,
      ...(isRecursive ? {} : { Delimiter: '/' }),
      ...(from === undefined ? {} : { ContinuationToken: from }),
    };
    const page = await this.#send(({ sdk, client }) =>
      client.send(new sdk.ListObjectsV2Command(request), { abortSignal }),
    );
    return {
      entries: this.#entriesOf(page),
      next: page.IsTruncated === true ? page.NextContinuationToken : undefined,
    };
  }

  async put(path: string, bytes: Uint8Array, abortSignal: AbortSignal): Promise<void> {
    await this.#send(({ sdk, client }) =>
      client.send(new sdk.PutObjectCommand({ ...this.#at(path), Body: bytes }), { abortSignal }),
    );
  }

  async remove(path: string, abortSignal: AbortSignal): Promise<void> {
    await this.#send(({ sdk, client }) => client.send(new sdk.DeleteObjectCommand(this.#at(path)), { abortSignal }));
  }

  async beginUpload(path: string, abortSignal: AbortSignal): Promise<Upload> {
    const { UploadId: id } = await this.#send(({ sdk, client }) =>
      client.send(new sdk.CreateMultipartUploadCommand(this.#at(path)), { abortSignal }),
    );
    if (id === undefined) throw new Error('the answer names no upload');
    return { path, id };
  }

  async putPart(
    { path, id }: Upload,
    { number, bytes }: { readonly number: number; readonly bytes: Uint8Array },
    abortSignal: AbortSignal,
  ): Promise<string> {
    const part = { ...this.#at(path), UploadId: id, PartNumber: number, Body: bytes };
    const { ETag: tag } = await this.#send(({ sdk, client }) =>
      client.send(new sdk.UploadPartCommand(part), { abortSignal }),
    );
    if (tag === undefined) throw new Error('the answer names no part');
    return tag;
  }

  async endUpload({ path, id }: Upload, parts: readonly string[], abortSignal: AbortSignal): Promise<void> {
    const Parts = parts.map((ETag, index) => ({ ETag, PartNumber: index + 1 }));
    const upload = { ...this.#at(path), UploadId: id, MultipartUpload: { Parts } };
    await this.#send(({ sdk, client }) => client.send(new sdk.CompleteMultipartUploadCommand(upload), { abortSignal }));
  }

  async abortUpload({ path, id }: Upload, abortSignal: AbortSignal): Promise<void> {
    const upload = { ...this.#at(path), UploadId: id };
    await this.#send(({ sdk, client }) => client.send(new sdk.AbortMultipartUploadCommand(upload), { abortSignal }));
  }

  renew(): void {
    this.close();
  }

  close(): void {
    const closing = this.#opening;
    this.#opening = undefined;
    void closing?.then(({ client }) => client.destroy()).catch(() => undefined);
  }

  async #open(): Promise<OpenS3> {
    this.#opening ??= openS3(this.#settings);
    return await this.#opening;
  }

  async #send<T>(ask: (opened: OpenS3) => Promise<T>): Promise<T> {
    const opened = await this.#open();
    try {
      return await ask(opened);
    } catch (error) {
      throw answerErrorOf(error, this.location);
    }
  }

  #at(path: string): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.#bucket, Key: this.#prefix + path };
  }

  #entriesOf({ Contents = [], CommonPrefixes = [] }: ListObjectsV2CommandOutput): readonly StoreEntry[] {
    const pathOf = (key: string | undefined): string => decode(key ?? '').slice(this.#prefix.length);
    const folders = CommonPrefixes.map(({ Prefix }) => ({
      kind: 'folder' as const,
      path: pathOf(Prefix).replace(/\/$/, ''),
    }));
    const objects = Contents.map(({ Key, Size, ETag, LastModified }) => ({
      kind: 'object' as const,
      path: pathOf(Key),
      sizeBytes: Size ?? 0,
      version: ETag ?? '',
      ...(LastModified !== undefined && { changedAtMs: LastModified.getTime() }),
    }));
    // A key that ends in '/' is what browsers of buckets make for an empty folder.
    return [...folders, ...objects.filter(({ path }) => path !== '' && !path.endsWith('/'))];
  }
}

function decode(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}

function bodyOf({ Body }: GetObjectCommandOutput): AsyncIterable<Uint8Array> {
  if (Body === undefined || !(Symbol.asyncIterator in Body)) throw new Error('the answer has no body');
  return Body as AsyncIterable<Uint8Array>;
}
