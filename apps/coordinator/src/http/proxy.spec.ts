import { request, type IncomingHttpHeaders } from 'node:http';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { pino } from 'pino';
import { TestStack } from '../testing/test-stack.js';

jest.setTimeout(30_000);

const KEY = 'a long enough key';
const JSON_BODY = { 'Content-Type': 'application/json' };
/** What a proxy tells of the request that it was asked. */
const NAMED = {
  Host: '127.0.0.1:3000',
  'X-Forwarded-Host': 'train.example',
  'X-Forwarded-Proto': 'https',
  'X-Forwarded-For': '198.51.100.7',
};

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** fetch does not let one say who is asked for, nor what a browser adds. */
function ask(url: string, { method = 'GET', headers = {}, body }: Asked = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, timeout: 10_000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    sent.on('error', reject);
    sent.on('timeout', () => sent.destroy(new Error(`no answer from ${url}`)));
    sent.end(body);
  });
}

describe('behind a proxy that says nothing of itself', () => {
  let stack: TestStack;
  let cookie: string;
  beforeAll(async () => {
    stack = await TestStack.open();
    await stack.start({ apiKey: KEY });
    const { headers } = await login();
    cookie = (headers['set-cookie']?.[0] ?? '').split(';')[0] ?? '';
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  /** As nginx passes it on: the name is that of the upstream, the origin that of the page. */
  const login = (headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
    ask(`${stack.url}/login`, {
      method: 'POST',
      headers: { Origin: 'http://train.example', 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams({ key: KEY }).toString(),
    });
  const change = (headers: Readonly<Record<string, string>>): Promise<Answer> =>
    ask(`${stack.url}/v1/runs`, { method: 'POST', headers: { ...JSON_BODY, ...headers }, body: '{}' });

  it('lets in who knows the key, also where the browser hides the origin', async () => {
    expect(await login()).toMatchObject({ status: 303, headers: { location: '/' } });
    expect((await login({ Origin: 'null' })).status).toBe(303);
    expect(cookie).toMatch(/^skiplane-session=/);
  });

  it('takes changes from its own pages: by the word of the browser, else by a header that other sites cannot add', async () => {
    const page = { Cookie: cookie, Origin: 'http://train.example' };
    expect((await change({ ...page, 'Sec-Fetch-Site': 'same-origin' })).status).toBe(400);
    expect((await change({ ...page, 'X-Skiplane-Page': 'dashboard' })).status).toBe(400);
    expect((await change({ ...page, 'X-API-Key': KEY })).status).toBe(400);
    expect((await change({ Cookie: cookie })).status).toBe(400);
  });

  it('refuses pages of other sites, and says what to set where the proxy may be the reason', async () => {
    const page = { Cookie: cookie, Origin: 'http://train.example' };
    for (const site of ['cross-site', 'same-site']) {
      const answer = await change({ ...page, 'Sec-Fetch-Site': site, 'X-Skiplane-Page': 'dashboard' });
      expect(answer.status).toBe(403);
    }
    const unclear = await change(page);
    expect(unclear.status).toBe(403);
    expect(unclear.text).toMatch(
      /http:\/\/train\.example, the request went to 127\.0\.0\.1:\d+\. .*SKIPLANE_TRUSTED_PROXIES/,
    );
  });

  it('does not answer the preflight by which another site would ask to add the header', async () => {
    const headers = {
      Origin: 'http://evil.example',
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'x-skiplane-page',
    };
    const answer = await ask(`${stack.url}/v1/runs`, { method: 'OPTIONS', headers });
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('closes no idle connection before the minute is over for which a proxy keeps it', async () => {
    const { headers } = await ask(`${stack.url}/health/live`, { headers: { Connection: 'keep-alive' } });
    expect(headers['keep-alive']).toBe('timeout=75');
  });

  it('believes no X-Forwarded header', async () => {
    const { headers } = await login({ ...NAMED, 'X-Forwarded-Prefix': '/elsewhere' });
    expect(headers.location).toBe('/');
    expect(headers['set-cookie']?.[0]).not.toContain('Secure');
    const named = await change({ Cookie: cookie, ...NAMED, Origin: 'https://train.example' });
    expect(named.status).toBe(403);
  });
});

describe('behind a proxy that is trusted', () => {
  let stack: TestStack;
  const logged: string[] = [];
  beforeAll(async () => {
    const log = new Writable({
      write(chunk: Buffer, _encoding, done) {
        logged.push(chunk.toString());
        done();
      },
    });
    stack = await TestStack.open();
    await mkdir(join(stack.directory, 'dashboard'));
    await writeFile(join(stack.directory, 'dashboard', 'index.html'), '<base href="/" /><script src="./assets/a.js">');
    const settings = { apiKey: KEY, trustedProxies: ['loopback'], basePath: '/set' };
    await stack.start(settings, { logger: pino({}, log) });
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  const asked = (path: string, { headers, ...rest }: Asked = {}): Promise<Answer> =>
    ask(stack.url + path, { headers: { ...NAMED, Authorization: `Bearer ${KEY}`, ...headers }, ...rest });
  const html = { Accept: 'text/html' };
  const prefixed = { 'X-Forwarded-Prefix': '/told' };

  it('sets a cookie for HTTPS and the prefix alone, and leads back there', async () => {
    const form = { 'Content-Type': 'application/x-www-form-urlencoded', ...prefixed };
    const login = await asked('/login', { method: 'POST', headers: form, body: `key=${encodeURIComponent(KEY)}` });
    expect(login).toMatchObject({ status: 303, headers: { location: '/told/' } });
    expect(login.headers['set-cookie']?.[0]).toMatch(/; Path=\/told; .*HttpOnly; Secure; SameSite=Strict/);
    const byAddress = await ask(`${stack.url}/runs/r1?x=1&key=${encodeURIComponent(KEY)}`, { headers: NAMED });
    expect(byAddress.headers.location).toBe('/set/runs/r1?x=1');
    const page = await ask(`${stack.url}/runs/r1`, { headers: { ...NAMED, ...html } });
    expect(page.text).toContain('action="/set/login"');
  });

  it('takes changes from pages of the name that the proxy was asked by', async () => {
    const cookie = (await ask(`${stack.url}/?key=${encodeURIComponent(KEY)}`)).headers['set-cookie']?.[0] ?? '';
    const statusFrom = async (origin: string): Promise<number> => {
      const headers = { ...NAMED, ...JSON_BODY, Cookie: cookie.split(';')[0] ?? '', Origin: origin };
      return (await ask(`${stack.url}/v1/runs`, { method: 'POST', headers, body: '{}' })).status;
    };
    expect(await statusFrom('https://train.example')).toBe(400);
    expect(await statusFrom('https://evil.example')).toBe(403);
  });

  it('puts the prefix into everything that leads to itself', async () => {
    for (const headers of [{}, prefixed]) {
      const prefix = 'X-Forwarded-Prefix' in headers ? '/told' : '/set';
      const run = await asked('/v1/runs', {
        method: 'POST',
        headers: { ...headers, ...JSON_BODY },
        body: JSON.stringify(stack.spec()),
      });
      expect(run.headers.location).toMatch(new RegExp(`^${prefix}/v1/runs/`));
      expect((await asked('/runs/r1', { headers: { ...headers, ...html } })).text).toContain(`<base href="${prefix}/"`);
      expect((await asked('/queues', { headers })).text).toContain(`<base href="${prefix}/queues/"`);
      const document = JSON.parse((await asked('/docs-json', { headers })).text) as { servers: unknown };
      expect(document.servers).toEqual([{ url: prefix }]);
      const docs = (await asked('/docs/swagger-ui-init.js', { headers })).text;
      expect(docs).toContain(`"url": "${prefix}"`);
      expect(docs).toMatch(/requestInterceptor[^]*X-Skiplane-Page/);
      expect(JSON.parse((await asked('/v1/none', { headers })).text)).toMatchObject({ instance: `${prefix}/v1/none` });
    }
  });

  it('asks proxies neither to hold back nor to change an event stream', async () => {
    const run = await asked('/v1/runs', { method: 'POST', headers: JSON_BODY, body: JSON.stringify(stack.spec()) });
    const stop = new AbortController();
    const path = (run.headers.location ?? '').replace('/set', '');
    const stream = await fetch(`${stack.url}${path}/events`, {
      headers: { Authorization: `Bearer ${KEY}` },
      signal: stop.signal,
    });
    stop.abort();
    expect(stream.headers.get('x-accel-buffering')).toBe('no');
    expect(stream.headers.get('cache-control')).toBe('no-cache, no-transform');
    expect(stream.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  });

  it('is found with the prefix in the path as well as without', async () => {
    for (const path of [
      '/set/v1/runs',
      '/set/metrics',
      '/set/docs',
      '/set/queues',
      '/set/health/live',
      '/set',
      '/set/',
    ]) {
      expect([path, (await asked(path)).status]).toEqual([path, 200]);
    }
    expect((await asked('/told/health/live', { headers: prefixed })).status).toBe(200);
    expect((await asked('/settled/v1/runs')).status).toBe(404);
  });

  it('refuses a prefix that is none', async () => {
    for (const prefix of ['//evil.example', '/"><script>', 'told', '/v1']) {
      const answer = await asked('/v1/runs', { headers: { 'X-Forwarded-Prefix': prefix } });
      expect([prefix, answer.status]).toEqual([prefix, 400]);
      expect(answer.text).toContain('X-Forwarded-Prefix');
    }
  });

  it('writes down from where a wrong key came', async () => {
    const wrong = { method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: 'key=no' };
    expect((await asked('/login', wrong)).status).toBe(401);
    expect(logged.join('')).toMatch(/"event":"login-refused","address":"198\.51\.100\.7"/);
  });
});

describe('behind a proxy without a key', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.open();
    await stack.start();
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  it('answers nobody, in words', async () => {
    expect((await ask(`${stack.url}/v1/runs`)).status).toBe(200);
    for (const [name, value] of [
      ['X-Forwarded-For', '198.51.100.7'],
      ['Via', '1.1 proxy'],
      ['Forwarded', 'for=198.51.100.7'],
      ['Origin', 'https://train.example'],
    ] as const) {
      const answer = await ask(`${stack.url}/v1/runs`, { headers: { [name]: value } });
      expect([name, answer.status]).toEqual([name, 403]);
      expect(answer.text).toContain('behind a proxy SKIPLANE_API_KEY must be set');
      expect((await ask(`${stack.url}/health/ready`, { headers: { [name]: value } })).status).toBe(200);
    }
  });
});
