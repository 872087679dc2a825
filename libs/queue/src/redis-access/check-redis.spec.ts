import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { silentLogger } from '#telemetry';
import { freePort } from '../embedded-redis/free-port.js';
import { startEmbeddedRedis, type EmbeddedRedis } from '../embedded-redis/start-embedded-redis.js';
import { checkRedis, whenRedisIsFit } from './check-redis.js';
import { NEEDED_COMMANDS, REDIS_ACL_RULE } from './redis-rights.js';

let directory: string;
let server: EmbeddedRedis;
let admin: Redis;
let other: Server | undefined;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'skiplane-access-'));
  server = await startEmbeddedRedis({ dataDirectory: directory });
  admin = new Redis(server.url);
});
beforeEach(() => user(...REDIS_ACL_RULE.split(' ')));
afterEach(async () => {
  other?.close();
  other = undefined;
  await admin.call('REPLICAOF', 'NO', 'ONE');
});
afterAll(async () => {
  admin.disconnect();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

/** The user `skiplane` with these rules and no others. */
async function user(...rules: readonly string[]): Promise<void> {
  await admin.call('ACL', 'SETUSER', 'skiplane', 'reset', 'on', '>secret', ...rules);
}

const urlOf = (credentials: string, port = server.port, scheme = 'redis'): string =>
  `${scheme}://${credentials}127.0.0.1:${port}`;

async function portOf(listening: Server): Promise<number> {
  other = listening.listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  return typeof address === 'object' && address ? address.port : 0;
}

describe('checkRedis', () => {
  it('finds nothing wrong with a server of our own, in any of its databases', async () => {
    expect(await checkRedis(server.url)).toBeNull();
    expect(await checkRedis(`${server.url}/3`)).toBeNull();
  });

  it('finds nothing wrong with a user that has the rule of the README, and writes nothing', async () => {
    expect(await checkRedis(urlOf('skiplane:secret@'))).toBeNull();
    expect(await admin.dbsize()).toBe(0);
  });

  it('asks for what the README grants', async () => {
    expect(await readFile(new URL('../../README.md', import.meta.url), 'utf8')).toContain(` ${REDIS_ACL_RULE}\n`);
  });

  it('names every command that the user may not use, alone', async () => {
    const wrong: string[] = [];
    for (const command of NEEDED_COMMANDS) {
      await user(...REDIS_ACL_RULE.split(' '), `-${command}`);
      const fault = await checkRedis(urlOf('skiplane:secret@'));
      const named = /may not use (.*) of Redis/.exec(fault?.message ?? '')?.[1];
      if (fault?.kind !== 'lasting' || named !== `the command ${command}`) wrong.push(`${command}: ${named}`);
    }
    expect(wrong).toEqual([]);
  });

  it('names all that is missing at once, and the rule that grants it', async () => {
    await user('~skiplane:*', '+@all', '-info', '-xadd');
    expect(await checkRedis(urlOf('skiplane:secret@'))).toEqual({
      kind: 'lasting',
      message:
        'the user that REDIS_URL names may not use the command info, the channel skiplane:notify, the keys skiplane-queue:*, ' +
        `the command xadd of Redis at ${urlOf('skiplane:***@')}. Grant it: ACL SETUSER NAME ${REDIS_ACL_RULE}`,
    });
  });

  it('says what is wrong with the credentials', async () => {
    expect(await checkRedis(urlOf('skiplane:wrong@'))).toMatchObject({
      kind: 'lasting',
      message: expect.stringContaining('does not take the user and password of REDIS_URL (WRONGPASS'),
    });
    await admin.call('CONFIG', 'SET', 'requirepass', 'secret');
    try {
      expect(await checkRedis(server.url)).toMatchObject({
        kind: 'lasting',
        message: expect.stringMatching(/asks for a password, and REDIS_URL has none/),
      });
      expect(await checkRedis(urlOf(':secret@'))).toBeNull();
    } finally {
      await admin.call('CONFIG', 'SET', 'requirepass', '');
    }
  });

  it('says that there is no such database', async () => {
    expect(await checkRedis(`${server.url}/99`)).toMatchObject({
      kind: 'lasting',
      message: expect.stringContaining('has no database of the number'),
    });
  });

  it('says that an address is another service, or has no TLS', async () => {
    const port = await portOf(createHttpServer((_, response) => response.end('hello')));
    expect(await checkRedis(urlOf('', port))).toMatchObject({
      kind: 'lasting',
      message: expect.stringContaining('answers, but is no Redis'),
    });
    expect(await checkRedis(urlOf('', port, 'rediss'))).toMatchObject({
      kind: 'lasting',
      message: expect.stringContaining('does not speak TLS (ERR_SSL_WRONG_VERSION_NUMBER): redis:// is without'),
    });
  });

  it('says that an address expects TLS', async () => {
    // As a TLS server does with what is no handshake.
    const port = await portOf(createServer((socket) => socket.once('data', () => socket.destroy())));
    expect(await checkRedis(urlOf('', port))).toMatchObject({
      kind: 'doubtful',
      message: expect.stringContaining('closes the connection: it may be gone, or expect TLS (rediss://)'),
    });
  });

  it('says that a host is not known, and that nothing listens', async () => {
    expect(await checkRedis('redis://no-such-host.invalid')).toMatchObject({
      kind: 'doubtful',
      message: expect.stringMatching(/cannot be reached: its host name .*\((ENOTFOUND|EAI_AGAIN)\)/),
    });
    expect(await checkRedis(urlOf('', await freePort()))).toMatchObject({
      kind: 'doubtful',
      message: expect.stringContaining('nothing listens there (ECONNREFUSED)'),
    });
  });

  it('refuses an address in words, without a connection', async () => {
    expect(await checkRedis('redis://h?prefix=x')).toMatchObject({
      kind: 'lasting',
      message: expect.stringContaining('REDIS_URL a key prefix is not supported'),
    });
  });
});

describe('whenRedisIsFit', () => {
  it('throws at once for what does not pass by itself', async () => {
    await user('+@all', '~*', '&*', '-info');
    await expect(whenRedisIsFit(urlOf('skiplane:secret@'), silentLogger())).rejects.toThrow(
      'may not use the command info',
    );
  });

  it('waits for a replica to be promoted, and says so once', async () => {
    await admin.call('REPLICAOF', '127.0.0.1', String(await freePort()));
    const lines: string[] = [];
    const logger = pino({}, { write: (line: string) => void lines.push(line) });
    let isFit = false;
    const waiting = whenRedisIsFit(urlOf('skiplane:secret@'), logger).then(() => {
      isFit = true;
    });
    const deadline = Date.now() + 10_000;
    while (lines.length === 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(lines.join()).toContain('is a replica: it was demoted, or REDIS_URL does not lead to the primary');
    expect(isFit).toBe(false);
    await admin.call('REPLICAOF', 'NO', 'ONE');
    await waiting;
    expect(lines).toHaveLength(2);
  });
});
