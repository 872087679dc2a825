import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { OpenFaults } from '../health/open-faults.js';
import { TestStack } from '../testing/test-stack.js';
import { until } from '../testing/until.js';

jest.setTimeout(30_000);

describe('the API key', () => {
  const KEY = 'a long enough key';
  let stack: TestStack;

  beforeAll(async () => {
    stack = await TestStack.open();
    await stack.start({ apiKey: KEY });
  });
  afterAll(async () => {
    await stack[Symbol.asyncDispose]();
  });
  const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(stack.url + path, { headers, redirect: 'manual' });

  it('guards every path but a health that tells no more than a state', async () => {
    for (const path of ['/v1/runs', '/v1/workers', '/metrics', '/docs', '/docs-json', '/queues', '/', '/assets/x.js']) {
      expect((await get(path)).status).toBe(401);
    }
    expect((await get('/v1/runs')).headers.get('www-authenticate')).toContain('Bearer');
    expect((await get('/health/live')).status).toBe(200);
    expect((await get('/health/ready')).status).toBe(200);
    expect((await get('/health/ready/')).status).toBe(401);
    expect((await get('/health/other')).status).toBe(401);
  });

  it('tells what is wrong to who has it, and to others that something is', async () => {
    const faults = stack.running.get(OpenFaults);
    const message = `the disk of ${stack.config().dataDirectory} is full`;
    // Of a subject that the coordinator's own watch does not clear meanwhile.
    faults.raise({ kind: 'disk', subject: 'somebody', message });
    try {
      const open = await get('/health/ready');
      expect(open.status).toBe(503);
      const words = await open.text();
      expect(JSON.parse(words)).toMatchObject({ status: 503, detail: expect.stringContaining('not ready') });
      expect(words).not.toContain('disk');
      const wrong = await get('/health/ready', { 'X-API-Key': 'another key' });
      expect([wrong.status, (await wrong.text()).includes('disk')]).toEqual([503, false]);
      const told = await get('/health/ready', { 'X-API-Key': KEY });
      expect([told.status, await told.json()]).toMatchObject([503, { errors: [{ path: 'disk', message }] }]);
    } finally {
      faults.clear('disk', 'somebody');
    }
  });

  it('is taken as a bearer, in X-API-Key and as a cookie, and no other is', async () => {
    expect((await get('/v1/runs', { Authorization: `Bearer ${KEY}` })).status).toBe(200);
    expect((await get('/v1/runs', { 'X-API-Key': KEY })).status).toBe(200);
    expect((await get('/v1/runs', { 'X-API-Key': `${KEY}x` })).status).toBe(401);
    const entered = await get(`/?key=${encodeURIComponent(KEY)}`);
    expect(entered.status).toBe(303);
    expect(entered.headers.get('location')).toBe('/');
    const cookie = entered.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/HttpOnly; SameSite=Strict/);
    expect(cookie).not.toContain(KEY);
    expect((await get('/v1/runs', { Cookie: cookie.split(';')[0] ?? '' })).status).toBe(200);
    expect((await get('/v1/runs', { Cookie: 'skiplane-session=nonsense' })).status).toBe(401);
  });

  it('asks a browser for it by a form', async () => {
    expect(await (await get('/', { Accept: 'text/html' })).text()).toContain('<form method="post" action="/login">');
    const send = (key: string): Promise<Response> =>
      fetch(`${stack.url}/login`, { method: 'POST', body: new URLSearchParams({ key }), redirect: 'manual' });
    expect((await send('wrong')).status).toBe(401);
    expect((await send(KEY)).status).toBe(303);
  });
});

describe('a coordinator without Redis', () => {
  it('stays up, says so, refuses runs within seconds, and takes them once Redis is there', async () => {
    const server = await TestStack.openServer();
    const stack = await TestStack.open({ server });
    await server.stop();
    await stack.start();
    const submit = (): Promise<Response> => stack.post('/v1/runs', stack.spec());
    expect((await fetch(`${stack.url}/health/live`)).status).toBe(200);
    expect((await fetch(`${stack.url}/health/ready`)).status).toBe(503);
    expect((await submit()).status).toBe(503);
    const study = { name: 's', base: {}, axes: [{ name: 'depth', values: [20] }] };
    const studies = await stack.post('/v1/studies', study);
    expect(studies.status).toBe(503);
    expect((await fetch(`${stack.url}/v1/runs`)).status).toBe(200);
    const again = await TestStack.openServer(server.port);
    await until(
      () => fetch(`${stack.url}/health/ready`),
      ({ status }) => status === 200,
    );
    expect((await submit()).status).toBe(201);
    await stack[Symbol.asyncDispose]();
    await again.stop();
  });
});
