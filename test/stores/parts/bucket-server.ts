import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  ListBucketsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { Operation } from '../../operations/operation.js';

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A server of buckets, and what its operator does there: past our own client. */
export class BucketServer implements Disposable {
  readonly #admin: S3Client;

  constructor(
    /** http://127.0.0.1:PORT */
    readonly url: string,
    readonly keys: Keys,
  ) {
    this.#admin = new S3Client({ endpoint: url, region: 'us-east-1', credentials: keys, forcePathStyle: true });
  }

  /** The environment of whoever asks it with the operator's keys, and no others that lie on this machine. */
  env(url: string = this.url): Readonly<Record<string, string>> {
    return {
      ...withoutKeys(url),
      AWS_ACCESS_KEY_ID: this.keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: this.keys.secretAccessKey,
    };
  }

  async untilUp(operation: Operation): Promise<void> {
    await operation.until(
      'the server of buckets',
      () => this.#admin.send(new ListBucketsCommand({})),
      () => true,
    );
  }

  async makeBucket(Bucket: string): Promise<void> {
    await this.#admin.send(new CreateBucketCommand({ Bucket }));
  }

  async put(Bucket: string, Key: string, Body: Uint8Array): Promise<void> {
    await this.#admin.send(new PutObjectCommand({ Bucket, Key, Body }));
  }

  async remove(Bucket: string, Key: string): Promise<void> {
    await this.#admin.send(new DeleteObjectCommand({ Bucket, Key }));
  }

  /** Puts all files of a folder below a prefix, `data/`. */
  async putFolder(bucket: string, prefix: string, folder: string): Promise<void> {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      await this.put(bucket, prefix + relative(folder, path), await readFile(path));
    }
  }

  /** Who may read a bucket and list it, beside its owner: `*` is everybody, without keys too. */
  async letRead(Bucket: string, ...principals: readonly string[]): Promise<void> {
    const grant = { Effect: 'Allow', Principal: { AWS: principals } };
    const Statement = [
      { ...grant, Action: ['s3:GetObject'], Resource: [`arn:aws:s3:::${Bucket}/*`] },
      { ...grant, Action: ['s3:ListBucket'], Resource: [`arn:aws:s3:::${Bucket}`] },
    ];
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
    await this.#admin.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  }

  [Symbol.dispose](): void {
    this.#admin.destroy();
  }
}

/** For whoever has no keys, or finds them in a place that a case adds. */
export function withoutKeys(url: string): Readonly<Record<string, string>> {
  return {
    AWS_ENDPOINT_URL_S3: url,
    AWS_ACCESS_KEY_ID: '',
    AWS_SECRET_ACCESS_KEY: '',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}
