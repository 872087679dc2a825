import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RecoverableError } from '#contracts';
import { ObjectServer } from '../../../../test/support/object-server/object-server.js';
import { openStore } from '../open-store.js';
import { openS3 } from '../s3/s3-client.js';
import type { Store } from '../store.js';
import { StoreAccessError, StoredObjectChangedError } from '../store-errors.js';
import { storeConformance } from '../testing/store-conformance.js';
import type { Limits } from './patience.js';

const LIMITS: Limits = { firstByteMs: 250, idleMs: 250, numAttempts: 4, firstDelayMs: 1, longestDelayMs: 100 };
const KEYS = [
  'AWS_ENDPOINT_URL',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_CONFIG_FILE',
  'AWS_EC2_METADATA_DISABLED',
];
const kept = KEYS.map((key) => [key, process.env[key]] as const);
const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 13) % 253);

let server: ObjectServer;
beforeEach(async () => {
  server = await ObjectServer.start();
  const values = [server.url, 'key', 'secret', '/dev/null', 'true'];
  for (const [index, key] of KEYS.entries()) process.env[key] = values[index];
});
afterEach(async () => {
  await server.close();
  for (const [key, value] of kept) {
    if (value === undefined) delete process.env[key];
    else process.env[key] = value;
  }
});

const settings = { cache: { folder: '/nonexistent', maxBytes: 0 }, s3PathStyle: 'auto', isS3Anonymous: false } as const;
const open = (kind: 'http' | 's3'): Store =>
  openStore({ location: kind === 's3' ? 's3://bucket/a b' : `${server.url}/bucket/a%20b`, settings }, LIMITS);
const put = (path: string, content: Uint8Array): void => server.put(`bucket/a b/${path}`, content);
const collect = async (pieces: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
};

describe.each(['http', 's3'] as const)('%s', (kind) => {
  storeConformance(
    kind,
    () =>
      Promise.resolve({
        store: open(kind),
        put: (path, content) => Promise.resolve(put(path, content)),
        remove: (path) => Promise.resolve(void server.objects.delete(`bucket/a b/${path}`)),
      }),
    { canList: kind === 's3' },
  );

  it('asks again after 503, as late as the server asks for, and after a slow first byte', async () => {
    put('a.tar', bytes);
    const busy = { kind: 'status', status: 503, code: 'SlowDown' } as const;
    server.faults.push({ times: 1, what: { ...busy, headers: { 'retry-after': '1' } } });
    server.faults.push({ times: 1, what: busy });
    server.faults.push({ times: 1, what: { kind: 'silent' } });
    const begin = performance.now();
    expect(Buffer.from(bytes).equals(await collect(open(kind).stream('a.tar')))).toBe(true);
    expect(performance.now() - begin).toBeGreaterThan(1_250);
    expect(server.requests).toHaveLength(4);
  });

  it('goes on where a body broke or stood still, with the version it began with', async () => {
    put('a.tar', bytes);
    for (let cut = 0; cut < 6; cut += 1) server.faults.push({ times: 1, what: { kind: 'cut', afterBytes: 40_000 } });
    server.faults.push({ times: 1, what: { kind: 'silent', afterBytes: 1_000 } });
    expect(Buffer.from(bytes).equals(await collect(open(kind).stream('a.tar')))).toBe(true);
    expect(server.requests).toHaveLength(8);
    server.faults.push({ times: 1, what: { kind: 'cut', afterBytes: 40_000 } });
    const reading = open(kind).stream('a.tar')[Symbol.asyncIterator]();
    await reading.next();
    put('a.tar', bytes.toReversed());
    const rest = collect({ [Symbol.asyncIterator]: () => reading });
    await expect(rest).rejects.toThrow(StoredObjectChangedError);
    await expect(rest).rejects.toThrow(/^a\.tar has changed/);
  });

  it('gives up a server that stays away, and says how', async () => {
    put('a.tar', bytes);
    server.faults.push({ times: 100, what: { kind: 'status', status: 503, code: 'SlowDown' } });
    const reading = open(kind).read('a.tar', { length: 3 });
    await expect(reading).rejects.toThrow(RecoverableError);
    await expect(reading).rejects.toThrow(/a\.tar: gave up after 4 attempts: answered 503/);
    const store = open(kind);
    await server.close();
    await expect(store.stat('a.tar')).rejects.toThrow(/gave up after 4 attempts: .*ECONNREFUSED/);
    server = await ObjectServer.start();
  });

  it('does not ask again where it has no right', async () => {
    put('a.tar', bytes);
    server.faults.push({ times: 9, what: { kind: 'status', status: 403, code: 'AccessDenied' } });
    await expect(open(kind).read('a.tar', { length: 3 })).rejects.toThrow(StoreAccessError);
    const words = kind === 's3' ? 'these credentials have no right to it' : 'the server refuses this address: ';
    await expect(open(kind).stat('a.tar')).rejects.toThrow(new RegExp(`a\\.tar: answered 403[\\w ]*: ${words}`));
    // HEAD says no reason, so S3 is asked for it.
    expect(server.requests).toHaveLength(kind === 's3' ? 3 : 2);
  });
});

describe('s3', () => {
  it('finds credentials anew when they have expired, once', async () => {
    put('a.tar', bytes);
    const expired = { kind: 'status', status: 400, code: 'ExpiredToken' } as const;
    server.faults.push({ times: 1, what: expired });
    const store = open('s3');
    expect(await store.read('a.tar', { length: 3 })).toEqual(bytes.slice(0, 3));
    server.faults.push({ times: 9, what: expired });
    await expect(store.read('a.tar', { length: 3 })).rejects.toThrow(/credentials have expired/);
  });

  it('names a bucket that is not there', async () => {
    server.faults.push({ times: 9, what: { kind: 'status', status: 404, code: 'NoSuchBucket' } });
    await expect(collect(open('s3').stream('a.tar'))).rejects.toThrow(
      /a b\/a\.tar: answered 404 NoSuchBucket: there is no such bucket/,
    );
    const listing = open('s3').list('')[Symbol.asyncIterator]();
    await expect(listing.next()).rejects.toThrow(/a b\/: answered 404 NoSuchBucket: there is no such bucket/);
  });

  it('learns from a GET why a HEAD was refused', async () => {
    put('a.tar', bytes);
    const store = open('s3');
    for (const code of ['ExpiredToken', 'InvalidAccessKeyId']) {
      const what = { kind: 'status', status: code === 'ExpiredToken' ? 400 : 403, code } as const;
      server.faults.push({ times: 2, what });
      expect((await store.stat('a.tar'))?.sizeBytes).toBe(300_000);
      server.faults.push({ times: 4, what });
      await expect(store.stat('a.tar')).rejects.toThrow(
        new RegExp(`a\\.tar: answered \\d+ ${code}: the .*credentials`),
      );
      expect(server.faults.reduce((left, { times }) => left + times, 0)).toBe(0);
    }
  });

  it('reads a shared credentials file that was written anew', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'skiplane-keys-'));
    const file = join(folder, 'credentials');
    process.env['AWS_SHARED_CREDENTIALS_FILE'] = file;
    delete process.env['AWS_ACCESS_KEY_ID'];
    try {
      for (const key of ['ONE', 'TWO']) {
        await writeFile(file, `[default]\naws_access_key_id = ${key}\naws_secret_access_key = secret\n`);
        const { client } = await openS3(settings);
        expect((await client.config.credentials()).accessKeyId).toBe(key);
        client.destroy();
      }
    } finally {
      delete process.env['AWS_SHARED_CREDENTIALS_FILE'];
      await rm(folder, { recursive: true });
    }
  });

  it('says what to do where there are no credentials, and needs none for a public bucket', async () => {
    put('a.tar', bytes);
    delete process.env['AWS_ACCESS_KEY_ID'];
    await expect(open('s3').stat('a.tar')).rejects.toThrow(
      /no credentials for S3: set AWS_ACCESS_KEY_ID.*SKIPLANE_S3_ANON/,
    );
    const source = { location: 's3://bucket/a b', settings: { ...settings, isS3Anonymous: true } };
    expect((await openStore(source, LIMITS).stat('a.tar'))?.sizeBytes).toBe(300_000);
  });

  it('lists page by page, and no markers of folders', async () => {
    server.pageSize = 2;
    for (const name of ['x/1', 'x/2', 'x/ü+ %\n3', 'x/y/4', 'x/']) put(name, bytes.slice(0, 3));
    const found: string[] = [];
    for await (const { path } of open('s3').list('x', { isRecursive: true })) found.push(path);
    expect(found.toSorted()).toEqual(['x/1', 'x/2', 'x/y/4', 'x/ü+ %\n3']);
  });
});

describe('http', () => {
  it('that sends elsewhere is followed, and named where that leads to a page, round in circles, or nowhere', async () => {
    put('a.tar', bytes);
    await using target = await ObjectServer.start();
    const sendTo = (location: string, times = 1): void =>
      void server.faults.push({ times, what: { kind: 'status', status: 302, headers: { location } } });
    target.put('stored', bytes);
    sendTo(`${target.url}/stored`);
    expect(await open('http').read('a.tar', { offset: 7, length: 3 })).toEqual(bytes.slice(7, 10));
    const read = (): Promise<unknown> => open('http').read('a.tar', { length: 3 });
    const host = new URL(target.url).host;
    sendTo(`${target.url}/login`);
    target.faults.push({ times: 1, what: { kind: 'status', status: 200, headers: { 'content-type': 'text/html' } } });
    await expect(read()).rejects.toThrow(`a.tar: the server sends a page of ${host} in place of the file`);
    sendTo(`${target.url}/stored`);
    target.faults.push({ times: 1, what: { kind: 'status', status: 403 } });
    await expect(read()).rejects.toThrow(`a.tar: answered 403 Forbidden by ${host}: the server refuses this address`);
    sendTo(`${server.url}/bucket/a%20b/a.tar`, 30);
    await expect(read()).rejects.toThrow('a.tar: the server sends round in circles');
    server.faults.length = 0;
    sendTo('s3://bucket/a.tar');
    await expect(read()).rejects.toThrow('a.tar: the server sends to an address that is not http(s)');
    server.faults.push({ times: 1, what: { kind: 'status', status: 301 } });
    await expect(read()).rejects.toThrow('a.tar: answered 301 Moved Permanently: the server sends elsewhere');
    // Each was told at once.
    expect(server.requests.length).toBeLessThan(40);
  });

  it('names a server that sends no parts', async () => {
    put('a.tar', bytes);
    server.faults.push({ times: 1, what: { kind: 'status', status: 200 } });
    await expect(open('http').read('a.tar', { offset: 5, length: 3 })).rejects.toThrow(
      /a\.tar: the server does not send parts/,
    );
  });

  it('asks for the first byte where there is no HEAD', async () => {
    put('a.tar', bytes);
    server.faults.push({ times: 1, method: 'HEAD', what: { kind: 'status', status: 405 } });
    expect((await open('http').stat('a.tar'))?.sizeBytes).toBe(300_000);
  });
});
